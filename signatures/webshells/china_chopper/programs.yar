// What is left of the page when ASP.NET has compiled it.
// Names of properties stand without get and set: those begin thousands of names in every library.

rule china_chopper_compiled_page
{
    meta:
        description = "Assembly compiled by ASP.NET from a page that evaluates request input as JScript: evidence that a webshell has run."
        score = 88
        needs = "JScriptEvaluate"
        family = "China Chopper (compiled)"
        reference = "https://attack.mitre.org/software/S0020/"
        date = "2026-11-24"
    strings:
        $evaluate = "JScriptEvaluate"
        $request = "_Request"
        $factory = "FastObjectFactory_app_web_" nocase
        $name = /App_Web_[a-z0-9_.\-]{6,60}/ nocase
    condition:
        $evaluate and $request and ($factory or $name)
}
