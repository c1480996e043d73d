//! What objects can do, by their class, ProgID or CLSID.

use bitflags::bitflags;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The kinds of object, each a flag of [`Types`] and a constant of this module, so that the tables stay readable. They are
/// numbered in the order in which they stand.
macro_rules! types {
    ($($name:ident)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)] // written as the constants that they number
        enum Number { $($name),* }

        bitflags! {
            /// A set of object kinds.
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub struct Types: u128 {
                $(#[allow(missing_docs)] const $name = 1 << Number::$name as u32;)*
            }
        }

        $(
            #[allow(missing_docs)] // named after the class they stand for
            pub const $name: Types = Types::$name;
        )*
    };
}

types! {
    REQUEST ITEMS BODY POSTED RESPONSE SERVER STORE CONTEXT CONTROL
    PROCESS START_INFO PIPE WSH SHELL_APP WMI WMI_PROCESS SCRIPT_HOST
    FSO FSO_FILE TEXT_STREAM ADO_STREAM ADO_CONNECTION ADO_RECORDS XML_HTTP XML_DOM NETWORK_INFO DB_TOOL ADSI IIS_ADMIN UPLOADER
    FILE DIRECTORY FILE_INFO FOLDER_INFO WRITER READER FILE_STREAM DRIVE PATH
    COMPILER COMPILED ASSEMBLY CLASS METHOD ACTIVATOR DOMAIN EMITTER JSCRIPT_EVAL POWERSHELL
    DESERIALISER WEB_CLIENT WEB_REQUEST WEB_RESPONSE SOCKET NET_STREAM WEB_SOCKET
    SQL_CONNECTION SQL_COMMAND SQL_ADAPTER SQL_SOURCE REGISTRY REGISTRY_KEY DIRECTORY_ENTRY
    MARSHAL POINTER_CALL PATH_PROVIDER HOSTING LISTENER ROUTES MODULES XSLT XSLT_SETTINGS XSLT_DOCUMENT MACHINE_KEY CONFIGURATION
    ENCODING CONVERT CRYPTO BUILDER MEMORY STRING UNKNOWN_COM SERVICES ENVIRONMENT LINQ GZIP TEMPLATE THREAD SCRIPT_ARGUMENT INTERACTION STRINGS SCRIPTLET NUMERIC JSON ADDRESS ACCOUNTS ARCHIVE
}

/// Everything that runs programs.
pub const RUNNERS: Types = PROCESS.union(START_INFO).union(WSH).union(SHELL_APP).union(WMI_PROCESS);

/// What classes of .NET are, by the last part of their name in lower case.
pub const CLASSES: &[(&str, Types)] = &[
    ("httprequest", REQUEST),
    ("httprequestbase", REQUEST),
    ("httplistenerrequest", REQUEST),
    ("httprequestwrapper", REQUEST),
    ("httprequestmessage", REQUEST),
    ("namevaluecollection", Types::empty()),
    ("httpcontext", CONTEXT),
    ("httpcontextbase", CONTEXT),
    ("httpcontextwrapper", CONTEXT),
    ("httplistenercontext", CONTEXT),
    ("httpapplication", CONTEXT),
    ("operationcontext", CONTEXT),
    ("weboperationcontext", CONTEXT),
    ("httppostedfile", POSTED),
    ("httppostedfilebase", POSTED),
    ("iformfile", POSTED),
    ("httpfilecollection", POSTED),
    ("fileupload", POSTED.union(CONTROL)),
    ("htmlinputfile", POSTED.union(CONTROL)),
    ("httpresponse", RESPONSE),
    ("httpresponsebase", RESPONSE),
    ("httplistenerresponse", RESPONSE),
    ("htmltextwriter", RESPONSE),
    ("httpserverutility", SERVER),
    ("httpserverutilitybase", SERVER),
    ("httpsessionstate", STORE),
    ("httpapplicationstate", STORE),
    ("cache", STORE),
    ("textbox", CONTROL),
    ("htmlinputtext", CONTROL),
    ("htmlinputpassword", CONTROL),
    ("htmlinputhidden", CONTROL),
    ("htmltextarea", CONTROL),
    ("hiddenfield", CONTROL),
    ("htmlinputcontrol", CONTROL),
    ("process", PROCESS),
    ("processstartinfo", START_INFO),
    ("managementclass", WMI_PROCESS),
    ("managementobject", WMI),
    ("managementobjectsearcher", WMI),
    ("managementscope", WMI),
    ("connectionoptions", Types::empty()),
    ("powershell", POWERSHELL),
    ("runspacefactory", POWERSHELL),
    ("runspace", POWERSHELL),
    ("pipeline", POWERSHELL),
    ("runspaceinvoke", POWERSHELL),
    ("wshshell", WSH),
    ("wshshellclass", WSH),
    ("iwshshell", WSH),
    ("filesystemobject", FSO),
    ("filesystemobjectclass", FSO),
    ("scriptcontrol", SCRIPT_HOST),
    ("scriptcontrolclass", SCRIPT_HOST),
    ("file", FILE),
    ("directory", DIRECTORY),
    ("fileinfo", FILE_INFO),
    ("directoryinfo", FOLDER_INFO),
    ("driveinfo", DRIVE),
    ("streamwriter", WRITER),
    ("binarywriter", WRITER),
    ("textwriter", WRITER),
    ("streamreader", READER),
    ("binaryreader", READER),
    ("textreader", READER),
    ("filestream", FILE_STREAM),
    ("filesystem", FILE.union(DIRECTORY)),
    ("path", PATH),
    ("csharpcodeprovider", COMPILER),
    ("vbcodeprovider", COMPILER),
    ("jscriptcodeprovider", COMPILER),
    ("codedomprovider", COMPILER),
    ("icodecompiler", COMPILER),
    ("csharpcompilation", COMPILER),
    ("visualbasiccompilation", COMPILER),
    ("csharpsyntaxtree", COMPILER),
    ("csharpscript", COMPILER),
    ("compilerresults", COMPILED),
    ("assembly", ASSEMBLY),
    ("appdomain", DOMAIN),
    ("activator", ACTIVATOR),
    ("type", CLASS),
    ("methodinfo", METHOD),
    ("methodbase", METHOD),
    ("constructorinfo", METHOD),
    ("dynamicmethod", EMITTER),
    ("assemblybuilder", EMITTER),
    ("ilgenerator", EMITTER),
    ("jscriptevaluate", JSCRIPT_EVAL),
    ("vsaengine", JSCRIPT_EVAL),
    ("losformatter", DESERIALISER),
    ("objectstateformatter", DESERIALISER),
    ("binaryformatter", DESERIALISER),
    ("netdatacontractserializer", DESERIALISER),
    ("soapformatter", DESERIALISER),
    ("javascriptserializer", SERVICES),
    ("simpletyperesolver", DESERIALISER),
    ("binarymessageformatter", DESERIALISER),
    ("xamlreader", DESERIALISER),
    ("xamlservices", DESERIALISER),
    ("resourcereader", DESERIALISER),
    ("resxresourcereader", DESERIALISER),
    ("webclient", WEB_CLIENT),
    ("network", WEB_CLIENT),
    ("httpclient", WEB_CLIENT),
    ("webrequest", WEB_REQUEST),
    ("httpwebrequest", WEB_REQUEST),
    ("ftpwebrequest", WEB_REQUEST),
    ("webresponse", WEB_RESPONSE),
    ("httpwebresponse", WEB_RESPONSE),
    ("socket", SOCKET),
    ("tcpclient", SOCKET),
    ("udpclient", SOCKET),
    ("tcplistener", SOCKET.union(LISTENER)),
    ("networkstream", NET_STREAM),
    ("sslstream", NET_STREAM),
    ("websocket", WEB_SOCKET),
    ("websocketcontext", WEB_SOCKET),
    ("aspnetwebsocketcontext", WEB_SOCKET),
    ("clientwebsocket", WEB_SOCKET),
    ("sqlconnection", SQL_CONNECTION),
    ("oledbconnection", SQL_CONNECTION),
    ("odbcconnection", SQL_CONNECTION),
    ("oracleconnection", SQL_CONNECTION),
    ("mysqlconnection", SQL_CONNECTION),
    ("npgsqlconnection", SQL_CONNECTION),
    ("sqliteconnection", SQL_CONNECTION),
    ("dbconnection", SQL_CONNECTION),
    ("idbconnection", SQL_CONNECTION),
    ("sqlcommand", SQL_COMMAND),
    ("oledbcommand", SQL_COMMAND),
    ("odbccommand", SQL_COMMAND),
    ("oraclecommand", SQL_COMMAND),
    ("mysqlcommand", SQL_COMMAND),
    ("dbcommand", SQL_COMMAND),
    ("idbcommand", SQL_COMMAND),
    ("sqldataadapter", SQL_ADAPTER),
    ("oledbdataadapter", SQL_ADAPTER),
    ("odbcdataadapter", SQL_ADAPTER),
    ("sqldatasource", SQL_SOURCE),
    ("registry", REGISTRY),
    ("registrykey", REGISTRY_KEY),
    ("directoryentry", DIRECTORY_ENTRY),
    ("directorysearcher", DIRECTORY_ENTRY),
    ("userprincipal", ACCOUNTS),
    ("groupprincipal", ACCOUNTS),
    ("principalcontext", ACCOUNTS),
    ("zipfile", ARCHIVE),
    ("fastzip", ARCHIVE),
    ("marshal", MARSHAL),
    ("virtualpathprovider", PATH_PROVIDER),
    ("hostingenvironment", HOSTING),
    ("httplistener", LISTENER),
    ("routetable", ROUTES),
    ("routecollection", ROUTES),
    ("dynamicmoduleutility", MODULES),
    ("globalfilters", MODULES),
    ("globalfiltercollection", MODULES),
    ("xslcompiledtransform", XSLT),
    ("xsltransform", XSLT),
    ("xsltsettings", XSLT_SETTINGS),
    ("xmldocument", XSLT_DOCUMENT),
    ("xmldatadocument", XSLT_DOCUMENT),
    ("xpathdocument", XSLT_DOCUMENT),
    ("xmlreader", XSLT_DOCUMENT),
    ("xmltextreader", XSLT_DOCUMENT),
    ("xsltargumentlist", SCRIPT_ARGUMENT),
    ("machinekeysection", MACHINE_KEY),
    ("machinekey", MACHINE_KEY),
    ("configurationmanager", CONFIGURATION),
    ("webconfigurationmanager", CONFIGURATION),
    ("configurationsettings", CONFIGURATION),
    ("encoding", ENCODING),
    ("utf8encoding", ENCODING),
    ("asciiencoding", ENCODING),
    ("unicodeencoding", ENCODING),
    ("convert", CONVERT),
    ("bitconverter", CONVERT),
    ("buffer", CONVERT),
    ("array", CONVERT),
    ("rijndaelmanaged", CRYPTO),
    ("aes", CRYPTO),
    ("aescryptoserviceprovider", CRYPTO),
    ("aesmanaged", CRYPTO),
    ("descryptoserviceprovider", CRYPTO),
    ("tripledescryptoserviceprovider", CRYPTO),
    ("rsacryptoserviceprovider", CRYPTO),
    ("symmetricalgorithm", CRYPTO),
    ("stringbuilder", BUILDER),
    ("stringwriter", BUILDER),
    ("stringreader", BUILDER),
    ("list", BUILDER),
    ("arraylist", BUILDER),
    ("queue", BUILDER),
    ("stack", BUILDER),
    ("dictionary", BUILDER),
    ("hashtable", BUILDER),
    ("memorystream", MEMORY),
    ("gzipstream", GZIP),
    ("deflatestream", GZIP),
    ("string", STRING),
    ("int", NUMERIC),
    ("integer", NUMERIC),
    ("int16", NUMERIC),
    ("int32", NUMERIC),
    ("int64", NUMERIC),
    ("long", NUMERIC),
    ("short", NUMERIC),
    ("byte", NUMERIC),
    ("uint", NUMERIC),
    ("double", NUMERIC),
    ("float", NUMERIC),
    ("decimal", NUMERIC),
    ("guid", NUMERIC),
    ("datetime", NUMERIC),
    ("timespan", NUMERIC),
    ("bool", NUMERIC),
    ("boolean", NUMERIC),
    ("enum", NUMERIC),
    ("jsonconvert", JSON),
    ("environment", ENVIRONMENT),
    ("servicecontroller", SERVICES),
    ("dynamicexpression", LINQ),
    ("dynamicqueryable", LINQ),
    ("thread", THREAD),
    ("interaction", INTERACTION),
    ("strings", INTERACTION),
    ("microsoft.visualbasic", INTERACTION),
];

/// What COM objects are, by ProgID in lower case without its version, or CLSID.
pub const COM: &[(&str, Types)] = &[
    ("wscript.shell", WSH),
    ("72c24dd5-d70a-438b-8a42-98424b88afb8", WSH),
    ("f935dc22-1cf0-11d0-adb9-00c04fd58a0b", WSH),
    ("shell.application", SHELL_APP),
    ("13709620-c279-11ce-a49e-444553540000", SHELL_APP),
    ("shell.user", SHELL_APP),
    ("mmc20.application", SHELL_APP),
    ("49b2791a-b1ae-4c90-9b8e-e860ba07f889", SHELL_APP),
    ("schedule.service", SHELL_APP),
    ("wscript.network", NETWORK_INFO),
    ("093ff999-1ea0-4079-9525-9614c3504b74", NETWORK_INFO),
    ("scripting.filesystemobject", FSO),
    ("0d43fe01-f093-11cf-8940-00a0c9054228", FSO),
    ("scripting.dictionary", BUILDER),
    ("adodb.stream", ADO_STREAM),
    ("00000566-0000-0010-8000-00aa006d2ea4", ADO_STREAM),
    ("adodb.connection", ADO_CONNECTION),
    ("00000514-0000-0010-8000-00aa006d2ea4", ADO_CONNECTION),
    ("adodb.command", ADO_CONNECTION),
    ("00000507-0000-0010-8000-00aa006d2ea4", ADO_CONNECTION),
    ("adodb.recordset", ADO_RECORDS),
    ("00000535-0000-0010-8000-00aa006d2ea4", ADO_RECORDS),
    ("microsoft.xmlhttp", XML_HTTP),
    ("msxml2.xmlhttp", XML_HTTP),
    ("msxml2.serverxmlhttp", XML_HTTP),
    ("msxml.serverxmlhttp", XML_HTTP),
    ("winhttp.winhttprequest", XML_HTTP),
    ("microsoft.xmldom", XML_DOM),
    ("msxml2.domdocument", XML_DOM),
    ("msxml2.freethreadeddomdocument", XML_DOM),
    ("msxml2.xsltemplate", XML_DOM),
    ("msscriptcontrol.scriptcontrol", SCRIPT_HOST),
    ("scriptcontrol", SCRIPT_HOST),
    ("0e59f1d5-1fbe-11d0-8ff2-00a0d10038bc", SCRIPT_HOST),
    ("htmlfile", SCRIPT_HOST),
    ("wbemscripting.swbemlocator", WMI),
    ("76a64158-cb41-11d1-8b02-00600806d9b6", WMI),
    ("adox.catalog", DB_TOOL),
    ("jro.jetengine", DB_TOOL),
    ("sqldmo.sqlserver", DB_TOOL),
    ("persits.upload", UPLOADER),
    ("softartisans.fileup", UPLOADER),
    ("lyfupload.uploadfile", UPLOADER),
    ("w3.upload", UPLOADER),
    ("chinaasp.upload", UPLOADER),
];

static BY_NAME: LazyLock<HashMap<&'static [u8], Types>> =
    LazyLock::new(|| COM.iter().map(|(name, types)| (name.as_bytes(), *types)).collect());

/// The kinds of a ProgID, with or without a version, or of a CLSID.
pub fn com(name: &[u8]) -> Types {
    let name = name.trim_ascii();
    let mut short = [0; 64];
    if !(8..=short.len()).contains(&name.len()) || memchr::memchr2(b'.', b'-', name).is_none() {
        let plain = name.eq_ignore_ascii_case(b"htmlfile") || name.eq_ignore_ascii_case(b"scriptcontrol");
        return if plain { SCRIPT_HOST } else { Types::empty() };
    }
    let folded = &mut short[..name.len()];
    folded.copy_from_slice(name);
    folded.make_ascii_lowercase();
    let mut text = &folded[..];
    for prefix in [&b"clsid:"[..], b"new:", b"progid:", b"{"] {
        text = text.strip_prefix(prefix).unwrap_or(text);
    }
    text = text.strip_suffix(b"}").unwrap_or(text);
    // A version: `.1`, `.6.0`.
    while let Some(dot) = memchr::memrchr(b'.', text) {
        if dot + 1 < text.len() && text[dot + 1..].iter().all(u8::is_ascii_digit) {
            text = &text[..dot];
        } else {
            break;
        }
    }
    BY_NAME.get(text).copied().unwrap_or(Types::empty())
}

/// The kinds of what a moniker names: `winmgmts:`, `WinNT://`, `IIS://`.
pub fn moniker(name: &[u8]) -> Types {
    if memchr::memchr(b':', &name[..name.len().min(24)]).is_none() {
        return com(name);
    }
    let head = name[..name.len().min(200)].trim_ascii_start().to_ascii_lowercase();
    let starts = |prefix: &[u8]| head.starts_with(prefix);
    if starts(b"winmgmts:") {
        let process = memchr::memmem::find(&head, b"win32_process").is_some();
        return if process { WMI_PROCESS } else { WMI };
    }
    if starts(b"winnt:") || starts(b"ldap:") {
        return ADSI;
    }
    if starts(b"iis:") {
        return IIS_ADMIN;
    }
    if starts(b"script:") || starts(b"scriptlet:") {
        return SCRIPTLET;
    }
    com(name)
}
