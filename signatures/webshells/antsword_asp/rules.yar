// The text that the clients of China Chopper's kind (Chopper, Cknife, AntSword)
// send to a classic ASP carrier, and pages that speak their answer format.

rule antsword_asp_hex_decoder
{
    meta:
        description = "VBScript function that builds text from hexadecimal pairs by executing assignments, as sent by China Chopper clients."
        score = 90
        family = "AntSword, Cknife or China Chopper (classic ASP payload)"
        reference = "https://github.com/AntSwordProject/antSword"
        date = "2026-11-24"
    strings:
        $append = /execute[\s(]{1,4}"{1,8}\s{0,2}(\w{1,12})\s{0,2}=\s{0,2}\w{1,12}\s{0,2}&\s{0,2}chrw?\s{0,2}\(\s{0,2}&H"/ nocase
    condition:
        $append
}

rule antsword_asp_wrapped_execute
{
    meta:
        description = "Evaluated VBScript that writes one letter of Execute as a character code and sets a long script timeout, as sent by AntSword."
        score = 90
        family = "AntSword (classic ASP payload)"
        reference = "https://github.com/AntSwordProject/antSword"
        date = "2026-11-24"
    strings:
        $word = /"Ex"\s{0,3}&\s{0,3}chrw?\s{0,3}\(\s{0,3}101\s{0,3}\)\s{0,3}&\s{0,3}"cute/ nocase
    condition:
        $word
}

rule antsword_asp_answer_frame
{
    meta:
        description = "Classic ASP page that frames its responses in the China Chopper format and works with files, databases or commands."
        score = 88
        family = "AntSword, Cknife or China Chopper (custom classic ASP)"
        reference = "https://github.com/Chora10/Cknife"
        date = "2026-11-24"
    strings:
        $open = /write[\s(]{1,4}"{1,8}->\|"/ nocase
        $close = /"\|<-"/
        $open_codes = /chrw?\(45\)\s{0,3}&\s{0,3}chrw?\(62\)\s{0,3}&\s{0,3}chrw?\(124\)/ nocase
        $work_1 = "FileSystemObject" nocase
        $work_2 = "WScript.Shell" nocase
        $work_3 = "ADODB.Connection" nocase
        $work_4 = "eval" nocase fullword
        $work_5 = /[^.\w]execute(global)?[\s(]{0,8}["'(a-z_\/]/ nocase
    condition:
        ($open and $close or $open_codes) and any of ($work_*)
}
