<?php
echo "Hello from the article's image";
