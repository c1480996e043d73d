// PHP pages of a line that hand text from the request straight to what runs code or programs.

rule php_one_liner_eval_request
{
    meta:
        description = "PHP page that evaluates request input, decoded or not: a one-line webshell."
        score = 93
        views = "php"
        family = "PHP one-liner"
        reference = "https://www.php.net/manual/en/function.eval.php"
        date = "2026-11-29"
    strings:
        $eval = /\beval\s{0,8}\(\s{0,8}@?((base64_decode|stripslashes|gzinflate|gzuncompress|str_rot13|urldecode|rawurldecode|trim|hex2bin|strrev|end|current|reset|pos)\s{0,4}\(\s{0,4}@?){0,6}\$_[PGRCS]/ nocase
        $assert = /\bassert\s{0,8}\(\s{0,8}@?((base64_decode|stripslashes|gzinflate|gzuncompress|str_rot13|urldecode|rawurldecode|trim|hex2bin|strrev|end|current|reset|pos)\s{0,4}\(\s{0,4}@?){0,6}\$_[PGRCS]/ nocase
    condition:
        any of them
}

rule php_one_liner_command_request
{
    meta:
        description = "PHP page that executes a command from request input."
        score = 90
        views = "php"
        family = "PHP one-liner"
        reference = "https://www.php.net/manual/en/ref.exec.php"
        date = "2026-11-29"
    strings:
        $system = /\bsystem\s{0,8}\(\s{0,8}@?((base64_decode|stripslashes|gzinflate|gzuncompress|str_rot13|urldecode|rawurldecode|trim|hex2bin|strrev|end|current|reset|pos)\s{0,4}\(\s{0,4}@?){0,6}\$_[PGRCS]/ nocase
        $passthru = /\bpassthru\s{0,8}\(\s{0,8}@?((base64_decode|stripslashes|gzinflate|gzuncompress|str_rot13|urldecode|rawurldecode|trim|hex2bin|strrev|end|current|reset|pos)\s{0,4}\(\s{0,4}@?){0,6}\$_[PGRCS]/ nocase
        $shell = /\bshell_exec\s{0,8}\(\s{0,8}@?((base64_decode|stripslashes|gzinflate|gzuncompress|str_rot13|urldecode|rawurldecode|trim|hex2bin|strrev|end|current|reset|pos)\s{0,4}\(\s{0,4}@?){0,6}\$_[PGRCS]/ nocase
        $popen = /\bpopen\s{0,8}\(\s{0,8}@?((base64_decode|stripslashes|gzinflate|gzuncompress|str_rot13|urldecode|rawurldecode|trim|hex2bin|strrev|end|current|reset|pos)\s{0,4}\(\s{0,4}@?){0,6}\$_[PGRCS]/ nocase
        $proc = /\bproc_open\s{0,8}\(\s{0,8}@?((base64_decode|stripslashes|gzinflate|gzuncompress|str_rot13|urldecode|rawurldecode|trim|hex2bin|strrev|end|current|reset|pos)\s{0,4}\(\s{0,4}@?){0,6}\$_[PGRCS]/ nocase
    condition:
        any of them
}

rule php_one_liner_callback
{
    meta:
        description = "PHP page that passes request input to a PHP function that calls assert, system or similar functions by name."
        score = 88
        views = "php"
        family = "PHP one-liner"
        reference = "https://www.php.net/manual/en/language.types.callable.php"
        date = "2026-11-29"
    strings:
        $to = /\b(array_map|array_filter|array_walk|array_reduce|call_user_func|call_user_func_array|register_shutdown_function|usort|uasort|uksort)\s{0,4}\([^;]{0,80}["\'](assert|system|exec|passthru|shell_exec|create_function)["\'][^;]{0,120}\$_[PGRC]/ nocase
        $of = /\b(array_map|array_filter|array_walk|array_reduce|usort|uasort|uksort)\s{0,4}\([^;]{0,120}\$_[PGRC][^;]{0,80}["\'](assert|system|exec|passthru|shell_exec)["\']/ nocase
    condition:
        any of them
}

rule php_one_liner_replace_e
{
    meta:
        description = "PHP page that evaluates request input through preg_replace with the e modifier."
        score = 88
        views = "php"
        family = "PHP one-liner"
        reference = "https://www.php.net/manual/en/reference.pcre.pattern.modifiers.php"
        date = "2026-11-29"
    strings:
        $replace = /preg_replace\s{0,4}\(\s{0,4}["\'].{1,40}[\/#~|]\w{0,4}e\w{0,4}["\'][^;]{0,120}\$_[PGRC]/ nocase
    condition:
        $replace
}

rule php_one_liner_create_function
{
    meta:
        description = "PHP page that creates a function from request input."
        score = 88
        views = "php"
        family = "PHP one-liner"
        reference = "https://www.php.net/manual/en/function.create-function.php"
        date = "2026-11-29"
    strings:
        $make = /create_function\s{0,4}\([^;]{0,80}\$_[PGRC]/ nocase
    condition:
        $make
}

rule php_one_liner_include_input
{
    meta:
        description = "PHP page that executes the request body, or a file named by the request, through an include."
        score = 85
        views = "php"
        family = "PHP one-liner"
        reference = "https://www.php.net/manual/en/wrappers.php.php"
        date = "2026-11-29"
    strings:
        $input = /\b(include|require)(_once)?[\s(@]{1,8}["\']php:\/\/input/ nocase
        $named = /\b(include|require)(_once)?[\s(@]{1,8}\$_[PGRC]\w{2,6}\s{0,4}\[[^\]]{1,40}\]\s{0,4}\)?\s{0,4};/ nocase
    condition:
        any of them
}
