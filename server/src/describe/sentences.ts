// All sentences of the core that a person may read, as templates. The core is pure and says them in English, for the
// command line, SARIF and the editor alike; translate.ts finds the template of a sentence and says it in the editor's
// language. A sentence of no template stays English. A test compares the templates with what the core says.
// A template stands above a more general one: the first that fits is taken.
import { errorSentences } from './errorSentences';
import { forecastSentences } from './forecastSentences';
import { mergeSentences } from './mergeSentences';
import { ruleSentences, sentenceParts } from './ruleSentences';

/** Whole sentences, then what stands in them; the same list is what the translations must have. */
export const wholeSentences: readonly string[] = [
  ...ruleSentences,
  ...errorSentences,
  ...mergeSentences,
  ...forecastSentences,
];

/** All keys for the translation bundles. */
export const sentences: readonly string[] = [...new Set([...wholeSentences, ...sentenceParts])];
