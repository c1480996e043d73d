//! Generates the scanned tree: the same on every machine, written once.

mod content;
mod words;

use content::Kind;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Raised when what the files hold changes; what they are is in the stamp by itself.
const GENERATION: u32 = 2;

/// How many files of a kind, and how many bytes they have together.
struct Class {
    extension: &'static str,
    kind: Kind,
    files: usize,
    bytes: u64,
    smallest: u64,
    largest: u64,
}

const fn class(extension: &'static str, kind: Kind, files: usize, bytes: u64, smallest: u64, largest: u64) -> Class {
    Class { extension, kind, files, bytes, smallest, largest }
}

/// What lies in the web folders beside the pages. Programs have two bytes in five, scripts nearly as many.
const CLASSES: &[Class] = &[
    class("js", Kind::Script, 18_000, 390_000_000, 100, 2_000_000),
    class("css", Kind::Style, 3_300, 60_000_000, 100, 400_000),
    class("htm", Kind::Html, 2_300, 26_000_000, 150, 200_000),
    class("png", Kind::Picture(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), 8_000, 38_000_000, 120, 200_000),
    class("gif", Kind::Picture(b"GIF89a\x10\0\x10\0"), 3_000, 4_000_000, 100, 20_000),
    class("svg", Kind::Vector, 1_900, 7_000_000, 200, 60_000),
    class("woff", Kind::Picture(b"wOFF\0\x01\0\0"), 500, 24_000_000, 4_000, 150_000),
    class("xml", Kind::Markup, 700, 20_000_000, 300, 400_000),
    class("json", Kind::Script, 300, 6_000_000, 100, 100_000),
    class("dll", Kind::Program, 1_050, 369_000_000, 6_000, 4_000_000),
    class("exe", Kind::Program, 40, 15_000_000, 9_000, 4_000_000),
    class("dll", Kind::Program, 3, 36_000_000, 12_000_000, 12_000_000),
];

/// How many pages, of the names that Exchange ships, and how large.
const PAGES: usize = 900;
const PAGE_SIZES: (u64, u64) = (400, 24_000);

/// The builds whose folders lie side by side after some years of updates.
const BUILDS: &[&str] = &[
    "15.2.221.12",
    "15.2.330.5",
    "15.2.397.3",
    "15.2.464.5",
    "15.2.529.5",
    "15.2.595.3",
    "15.2.659.4",
    "15.2.721.2",
    "15.2.721.6",
    "15.2.792.3",
    "15.2.858.5",
];

/// Folders of static content of a build, `{}` for its number, below the installation.
const STATIC: &[&str] = &[
    "ClientAccess/owa/prem/{}/scripts",
    "ClientAccess/owa/prem/{}/scripts/globalize",
    "ClientAccess/owa/prem/{}/scripts/ext/def",
    "ClientAccess/owa/prem/{}/resources/images/0",
    "ClientAccess/owa/prem/{}/resources/images/rtl",
    "ClientAccess/owa/prem/{}/resources/styles/0",
    "ClientAccess/owa/prem/{}/resources/themes/base/images",
    "ClientAccess/owa/prem/{}/resources/themes/contrast/images",
    "ClientAccess/owa/{}/owa2/ext/def",
    "ClientAccess/ecp/{}/scripts",
    "ClientAccess/ecp/{}/themes/default",
    "FrontEnd/HttpProxy/owa/auth/{}/themes/resources",
    "FrontEnd/HttpProxy/owa/auth/{}/scripts/premium",
];

/// Folders of programs, below the installation.
const PROGRAMS: &[&str] = &[
    "ClientAccess/owa/bin",
    "ClientAccess/ecp/bin",
    "ClientAccess/autodiscover/bin",
    "ClientAccess/exchweb/ews/bin",
    "ClientAccess/rest/bin",
    "ClientAccess/sync/bin",
    "ClientAccess/pushnotifications/bin",
    "FrontEnd/HttpProxy/bin",
];

const INSTALLATION: &str = "Program Files/Microsoft/Exchange Server/V15";
const WEB_ROOT: &str = "inetpub/wwwroot/aspnet_client/system_web/4_0_30319";
const CONFIGURATION: &str = "Windows/System32/inetsrv/config/applicationHost.config";

/// One file to write.
struct Planned {
    path: String,
    kind: Kind,
    size: u64,
}

/// What was written.
pub(crate) struct Written {
    /// Files that a scan examines.
    pub(crate) files: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
}

/// splitmix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    pub(crate) fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    pub(crate) fn pick<'t, T: ?Sized>(&mut self, from: &[&'t T]) -> &'t T {
        from[self.below(from.len())]
    }
}

/// Pages, controls, configuration and scripts one after the other, at least this many bytes.
pub(crate) fn server_code(bytes: usize) -> Vec<u8> {
    let mut random = Random::new(0x5eed);
    let (mut text, mut file) = (Vec::new(), Vec::new());
    while text.len() < bytes {
        for kind in [Kind::Page, Kind::Control, Kind::Page, Kind::Configuration, Kind::Script] {
            file.clear();
            kind.fill(&mut random, 16 << 10, &mut file);
            text.append(&mut file);
        }
    }
    text
}

/// The tree below `root`; written unless it is there already.
pub(crate) fn ensure(root: &Path) -> io::Result<Written> {
    let plan = plan()?;
    let stamp_file = root.with_extension("stamp");
    let stamp = stamp(&plan);
    let stamped = fs::read_to_string(&stamp_file).unwrap_or_default();
    if let Some(counts) = stamped.strip_prefix(&stamp) {
        let mut counts = counts.split_whitespace().map_while(|count| count.parse().ok());
        if let (Some(files), Some(bytes)) = (counts.next(), counts.next()) {
            return Ok(Written { files, bytes });
        }
    }
    println!("writing {} files to {}", plan.len(), root.display());
    if root.exists() {
        fs::remove_dir_all(root)?;
    }
    lay_out(root)?;
    let folders: HashSet<PathBuf> =
        plan.iter().filter_map(|file| Some(root.join(&file.path).parent()?.to_owned())).collect();
    folders.iter().try_for_each(fs::create_dir_all)?;
    let bytes = write(root, &plan)?;
    fs::write(&stamp_file, format!("{stamp}{} {bytes}\n", plan.len()))?;
    Ok(Written { files: plan.len() as u64, bytes })
}

/// What the fixtures store encoded.
fn decoded(text: &str) -> Vec<u8> {
    use base64::Engine;
    let text: String = text.split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).expect("stored as base64")
}

/// What makes a volume of a server out of it, outside of what is examined whole, and the folders that IIS serves.
fn lay_out(root: &Path) -> io::Result<()> {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/servers/clean_2019/files");
    let configuration = fs::read_to_string(files.join("applicationHost.config"))?;
    let setup = format!("{INSTALLATION}/bin/ExSetup.exe");
    let program = fs::read_to_string(files.join("version_15.02.0721.013.b64"))?;
    for (path, bytes) in [(CONFIGURATION, configuration.clone().into_bytes()), (&setup, decoded(&program))] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("below the root"))?;
        fs::write(path, bytes)?;
    }
    for served in configuration.split("physicalPath=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let served = served.replace("%SystemDrive%", "C:").replace("%windir%", "C:\\Windows");
        let Some(below) = served.strip_prefix("C:\\") else { continue };
        let below = below.replace('\\', "/");
        let folder = match below.strip_prefix(INSTALLATION) {
            Some(inside) => format!("{INSTALLATION}{}", cased(inside)),
            None => below,
        };
        fs::create_dir_all(root.join(folder))?;
    }
    Ok(())
}

/// A path below the installation as this tree has it: in lower case but for the first folders.
fn cased(path: &str) -> String {
    path.to_ascii_lowercase().replacen("clientaccess", "ClientAccess", 1).replacen(
        "frontend/httpproxy",
        "FrontEnd/HttpProxy",
        1,
    )
}

fn plan() -> io::Result<Vec<Planned>> {
    let mut random = Random::new(2021);
    let mut plan = Vec::new();
    let mut taken = HashSet::new();
    for (path, kind) in pages()? {
        let size = size(&mut random, PAGE_SIZES.0, PAGE_SIZES.1);
        taken.insert(path.clone());
        plan.push(Planned { path, kind, size });
    }
    for class in CLASSES {
        for size in sizes(&mut random, class) {
            let path = loop {
                let folder = folder(&mut random, class.kind);
                let path = format!("{folder}/{}.{}", content::file_name(&mut random, class.kind), class.extension);
                if taken.insert(path.clone()) {
                    break path;
                }
            };
            plan.push(Planned { path, kind: class.kind, size });
        }
    }
    Ok(plan)
}

/// Pages of names that Exchange ships, spread evenly over the list.
fn pages() -> io::Result<Vec<(String, Kind)>> {
    let table = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures/exchange/stock_names.csv"))?;
    let names = table.lines().skip(1).filter_map(|line| line.split(',').next());
    let all: Vec<(String, Kind)> = names
        .map(|name| cased(&name.replace('\\', "/")))
        .filter_map(|name| {
            let kind = match name.rsplit('.').next()? {
                "aspx" | "master" => Kind::Page,
                "ascx" => Kind::Control,
                "svc" | "asmx" | "ashx" | "asax" => Kind::Service,
                "config" => Kind::Configuration,
                _ => return None,
            };
            // Below bin and Logging, which are examined by kind only, nothing is planned.
            let whole = name.starts_with("ClientAccess/") || name.starts_with("FrontEnd/");
            whole.then(|| (format!("{INSTALLATION}/{name}"), kind))
        })
        .collect();
    let count = PAGES.min(all.len());
    Ok((0..count).map(|at| all[at * all.len() / count].clone()).collect())
}

fn folder(random: &mut Random, kind: Kind) -> String {
    if matches!(kind, Kind::Program) {
        return format!("{INSTALLATION}/{}", random.pick(PROGRAMS));
    }
    if random.one_in(60) {
        return WEB_ROOT.to_owned();
    }
    let build = random.pick(BUILDS);
    format!("{INSTALLATION}/{}", random.pick(STATIC).replace("{}", build))
}

/// A size between these, every doubling as likely as the next.
fn size(random: &mut Random, smallest: u64, largest: u64) -> u64 {
    let doublings = (largest / smallest).ilog2() as usize;
    let base = smallest << random.below(doublings + 1);
    (base + random.next() % base).min(largest)
}

/// The sizes of a class, which make up its bytes.
fn sizes(random: &mut Random, class: &Class) -> Vec<u64> {
    let mut sizes: Vec<u64> = (0..class.files).map(|_| size(random, class.smallest, class.largest)).collect();
    for _ in 0..20 {
        let sum: u128 = sizes.iter().map(|size| u128::from(*size)).sum();
        for size in &mut sizes {
            let scaled = u128::from(*size) * u128::from(class.bytes) / sum;
            *size = (scaled as u64).clamp(class.smallest, class.largest);
        }
    }
    sizes
}

/// Tells whether a tree that lies there is this one.
fn stamp(plan: &[Planned]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64; // FNV-1a
    for file in plan {
        for byte in file.path.bytes().chain(file.size.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("generation {GENERATION} plan {hash:016x} files and bytes ")
}

/// Writes the files; gives how many bytes they have.
fn write(root: &Path, plan: &[Planned]) -> io::Result<u64> {
    let next = AtomicUsize::new(0);
    let worker = || -> io::Result<u64> {
        let (mut bytes, mut buffer) = (0, Vec::new());
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = plan.get(at) else { return Ok(bytes) };
            buffer.clear();
            let mut random = Random::new(0x5eed_0000_0000 + at as u64);
            file.kind.fill(&mut random, file.size as usize, &mut buffer);
            fs::write(root.join(&file.path), &buffer)?;
            bytes += buffer.len() as u64;
        }
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(|worker| worker.join().expect("a writer does not panic")).sum()
    })
}

/// A million files: 400,000 in one folder, the rest in folders of a thousand. One in sixteen holds a byte.
pub(crate) fn ensure_million(root: &Path) -> io::Result<u64> {
    const FILES: u64 = 1_000_000;
    const IN_ONE: u64 = 400_000;
    let stamp_file = root.with_extension("stamp");
    let stamp = format!("generation {GENERATION}");
    if fs::read_to_string(&stamp_file).is_ok_and(|known| known == stamp) {
        return Ok(FILES);
    }
    println!("writing {FILES} files to {}", root.display());
    if root.exists() {
        fs::remove_dir_all(root)?;
    }
    for at in 0..FILES {
        let folder = if at < IN_ONE { root.join("one") } else { root.join(format!("folder_{:04}", at / 1000)) };
        if at == 0 || at >= IN_ONE && at % 1000 == 0 {
            fs::create_dir_all(&folder)?;
        }
        let extension = ["js", "css", "htm", "png", "txt", "xml", "gif", "aspx"][at as usize % 8];
        let path = folder.join(format!("resource_{at:07}.{extension}"));
        if at % 16 == 0 { fs::write(path, b"x")? } else { File::create(path).map(drop)? }
    }
    fs::write(&stamp_file, stamp)?;
    Ok(FILES)
}
