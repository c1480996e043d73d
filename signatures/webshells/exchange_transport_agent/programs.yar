// Transport agents see every mail that passes Exchange.
// Names of properties stand without get and set: those begin thousands of names in every library.

rule exchange_transport_agent_shell
{
    meta:
        description = "Exchange transport agent that starts the command interpreter: a backdoor that receives its commands by mail."
        score = 60
        needs = "Microsoft.Exchange.Data.Transport"
        family = "Transport agent backdoor"
        reference = "https://attack.mitre.org/techniques/T1505/002/"
        date = "2026-11-24"
    strings:
        $agent_1 = "RoutingAgentFactory"
        $agent_2 = "SmtpReceiveAgentFactory"
        $base = "Microsoft.Exchange.Data.Transport"
        $start_1 = "ProcessStartInfo"
        $start_2 = "CreateProcess"
        $shell_1 = "cmd.exe" ascii wide
        $shell_2 = "powershell" ascii wide
    condition:
        $base and any of ($agent_*) and any of ($start_*) and any of ($shell_*)
}

rule exchange_transport_agent_loader
{
    meta:
        description = "Exchange transport agent that decrypts parts of mails and loads or executes the result."
        score = 45
        needs = "Microsoft.Exchange.Data.Transport"
        family = "Transport agent backdoor"
        reference = "https://attack.mitre.org/software/S0395/"
        date = "2026-11-24"
    strings:
        $agent_1 = "RoutingAgentFactory"
        $agent_2 = "SmtpReceiveAgentFactory"
        $base = "Microsoft.Exchange.Data.Transport"
        $attachment = "_Attachments"
        $decrypt_1 = "TransformFinalBlock"
        $decrypt_2 = "CreateDecryptor"
        $load_1 = "LoadLibrary"
        $load_2 = "CreateInstance"
        $load_3 = "GetDelegateForFunctionPointer"
    condition:
        $base and any of ($agent_*) and $attachment and any of ($decrypt_*) and any of ($load_*)
}
