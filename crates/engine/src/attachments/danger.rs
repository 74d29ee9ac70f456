//! Which files are never opened, and which only after a question: pure.
//!
//! A file is judged by its name, by the type that the letter gives, and by its first octets; the worst of the three
//! counts. Any of them can be a lie, and each is what some system goes by.
//!
//! | what it is | what is done |
//! |---|---|
//! | a program, a script, a link to one, a package or an image that installs one, a page that runs scripts | saved, never opened |
//! | a document with macros, an archive, a kind that nobody here knows | opened after a question |
//! | a picture, text, sound, a document | opened |

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What may be done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Care {
    /// It may be opened.
    Open,
    /// It may be opened after a question.
    Ask,
    /// It is only ever saved.
    SaveOnly,
}

/// Octets that are looked at.
const HEAD: usize = 4096;

/// Extensions of what runs, on any system: a letter may be passed on to another.
const RUNS: &[&str] = &[
    "aab",
    "accda",
    "accdb",
    "accde",
    "accdr",
    "accdt",
    "action",
    "ade",
    "adp",
    "afploc",
    "air",
    "apk",
    "apkm",
    "app",
    "appimage",
    "appinstaller",
    "applescript",
    "application",
    "appref-ms",
    "appx",
    "appxbundle",
    "asp",
    "aspx",
    "avhdx",
    "awk",
    "bas",
    "bash",
    "bat",
    "bgi",
    "bin",
    "bundle",
    "cab",
    "cdxml",
    "chm",
    "cjs",
    "class",
    "cmd",
    "cnt",
    "com",
    "command",
    "cpl",
    "crx",
    "csh",
    "csproj",
    "deb",
    "desklink",
    "deskthemepack",
    "desktop",
    "diagcab",
    "diagcfg",
    "diagpkg",
    "directory",
    "dll",
    "dmg",
    "dqy",
    "dylib",
    "ecf",
    "egg",
    "elf",
    "exe",
    "fileloc",
    "fish",
    "flatpak",
    "flatpakref",
    "flatpakrepo",
    "ftploc",
    "fxp",
    "gadget",
    "gem",
    "grp",
    "hlp",
    "hpj",
    "hta",
    "htm",
    "html",
    "img",
    "inetloc",
    "inf",
    "ins",
    "ipa",
    "iqy",
    "iso",
    "isp",
    "its",
    "jad",
    "jar",
    "jnlp",
    "job",
    "js",
    "jscript",
    "jse",
    "jsx",
    "kdelnk",
    "ksh",
    "kys",
    "library-ms",
    "lnk",
    "lua",
    "mad",
    "maf",
    "mag",
    "mam",
    "mapimail",
    "maq",
    "mar",
    "mas",
    "mat",
    "mau",
    "mav",
    "maw",
    "mcf",
    "mcl",
    "mda",
    "mdb",
    "mde",
    "mdt",
    "mdw",
    "mdz",
    "mht",
    "mhtml",
    "mjs",
    "mobileconfig",
    "mof",
    "mpkg",
    "msc",
    "msh",
    "msh1",
    "msh1xml",
    "msh2",
    "msh2xml",
    "msi",
    "msix",
    "msixbundle",
    "msm",
    "msp",
    "mst",
    "msu",
    "nsh",
    "one",
    "onepkg",
    "ops",
    "oqy",
    "osax",
    "osd",
    "out",
    "oxt",
    "pcd",
    "php",
    "phtml",
    "pif",
    "pkg",
    "pl",
    "plg",
    "pm",
    "ppa",
    "ppam",
    "ppkg",
    "prf",
    "prg",
    "printerexport",
    "ps1",
    "ps1xml",
    "ps2",
    "ps2xml",
    "psc1",
    "psc2",
    "psd1",
    "psm1",
    "pssc",
    "py",
    "pyc",
    "pyd",
    "pyo",
    "pyw",
    "pyz",
    "rb",
    "rdg",
    "rdp",
    "reg",
    "rgs",
    "rpm",
    "rqy",
    "run",
    "scf",
    "scpt",
    "scptd",
    "scr",
    "sct",
    "search-ms",
    "searchconnector-ms",
    "settingcontent-ms",
    "sh",
    "shb",
    "shs",
    "slk",
    "sln",
    "snap",
    "so",
    "sparsebundle",
    "sparseimage",
    "svg",
    "svgz",
    "swf",
    "sys",
    "tcl",
    "terminal",
    "theme",
    "themepack",
    "tool",
    "udl",
    "url",
    "vb",
    "vbe",
    "vbp",
    "vbproj",
    "vbs",
    "vbscript",
    "vcxproj",
    "vhd",
    "vhdset",
    "vhdx",
    "vncloc",
    "vsix",
    "vsmacros",
    "vxd",
    "wasm",
    "wcx",
    "webloc",
    "website",
    "whl",
    "wiz",
    "wll",
    "workflow",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xaml",
    "xapk",
    "xbap",
    "xht",
    "xhtml",
    "xip",
    "xla",
    "xlam",
    "xll",
    "xnk",
    "xpi",
    "xsl",
    "xslt",
    "zsh",
];

/// Extensions of what is harmless to whoever opens it with a program that is up to date.
const HARMLESS: &[&str] = &[
    "txt", "text", "log", "md", "csv", "tsv", "json", "ics", "vcf", "eml", "asc", "sig", "p7s", "png", "jpg", "jpeg",
    "gif", "webp", "bmp", "tif", "tiff", "heic", "heif", "avif", "pdf", "odt", "ods", "odp", "odg", "docx", "xlsx",
    "pptx", "rtf", "epub", "mp3", "m4a", "ogg", "oga", "opus", "flac", "wav", "mp4", "m4v", "mov", "webm", "mkv",
    "avi", "gpx", "diff", "patch",
];

/// Media types of what runs, by what they contain.
const RUNNING_TYPES: &[&str] = &[
    "javascript",
    "ecmascript",
    "x-msdownload",
    "x-msdos-program",
    "x-dosexec",
    "x-executable",
    "x-elf",
    "x-mach-binary",
    "x-sh",
    "x-csh",
    "x-shellscript",
    "x-perl",
    "x-python",
    "x-ruby",
    "x-php",
    "x-httpd-php",
    "x-desktop",
    "java-archive",
    "java-vm",
    "x-java",
    "x-ms-installer",
    "x-msi",
    "x-ms-shortcut",
    "x-bat",
    "vnd.android.package-archive",
    "x-rpm",
    "debian.binary-package",
    "x-deb",
    "x-debian-package",
    "x-apple-diskimage",
    "x-iso9660-image",
    "x-cd-image",
    "hta",
    "text/html",
    "xhtml",
    "svg",
    "x-shockwave-flash",
    "vbscript",
    "x-msmetafile",
    "wasm",
    "x-pie-executable",
    "x-sharedlib",
    "x-ms-dos-executable",
    "vnd.microsoft.portable-executable",
    "x-appimage",
    "vnd.flatpak",
    "x-mobileconfig",
    "x-apple-aspen-config",
    "x-url",
    "internet-shortcut",
];

/// What may be done with a file of this name, type and content.
pub fn care(name: &str, content_type: &str, bytes: &[u8]) -> Care {
    by_name(name).max(by_type(content_type)).max(by_content(bytes))
}

fn by_name(name: &str) -> Care {
    // Windows passes over dots and spaces at the end, and what follows a colon.
    let name = name.split(':').next().unwrap_or(name).trim_end_matches(['.', ' ']).to_ascii_lowercase();
    let Some((_, extension)) = name.rsplit_once('.') else { return Care::Ask };
    match extension {
        _ if RUNS.contains(&extension) => Care::SaveOnly,
        // Fluff at the end does not make a program a text: `setup.exe.txt` is a text, `report.txt.exe` is not.
        _ if HARMLESS.contains(&extension) => Care::Open,
        _ => Care::Ask,
    }
}

fn by_type(content_type: &str) -> Care {
    let content_type = content_type.to_ascii_lowercase();
    let runs = RUNNING_TYPES.iter().any(|running| content_type.contains(running));
    if runs { Care::SaveOnly } else { Care::Open }
}

fn by_content(bytes: &[u8]) -> Care {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    const MAGIC: [&[u8]; 17] = [
        b"MZ",
        b"\x7fELF",
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"\x4c\x00\x00\x00\x01\x14\x02\x00", // a link of Windows
        b"!<arch>\ndebian",
        b"\xed\xab\xee\xdb", // rpm
        b"\x00asm",
        b"MSCF",
        b"ITSF",
        b"vhdxfile",
        b"conectix",                         // a virtual disk
        b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", // a notebook of OneNote
        b"#!",
    ];
    // OLE: an installer as well as an old document; the name decides between them.
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let starts = [
        "<!doctype html",
        "<html",
        "<script",
        "<?php",
        "<svg",
        "@echo",
        "[desktop entry]",
        "[kde desktop entry]",
        "[internetshortcut]",
    ];
    let runs = MAGIC.iter().any(|magic| head.starts_with(magic))
        || starts.iter().any(|begin| start.starts_with(begin))
        || ["\n[desktop entry]", "\n[kde desktop entry]", "<script", "<?php", "\n#!/", "full address:s:"]
            .iter()
            .any(|within| text.contains(within));
    if runs { Care::SaveOnly } else { Care::Open }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_never_opened_whichever_of_name_type_and_content_says_so() {
        let pdf: &[u8] = b"%PDF-1.7\n";
        let table: [(&str, &str, &[u8], Care); 42] = [
            ("minutes.pdf", "application/pdf", pdf, Care::Open),
            ("photo.JPG", "image/jpeg", b"\xff\xd8\xff\xe0", Care::Open),
            ("notes.txt", "text/plain", b"Hello", Care::Open),
            ("table.ods", "application/vnd.oasis.opendocument.spreadsheet", b"PK\x03\x04", Care::Open),
            ("film.mp4", "application/octet-stream", b"\0\0\0 ftyp", Care::Open),
            ("setup.exe", "application/octet-stream", b"", Care::SaveOnly),
            ("minutes.pdf.exe", "application/pdf", pdf, Care::SaveOnly),
            ("minutes.pdf.exe. .", "application/pdf", pdf, Care::SaveOnly),
            ("minutes.exe:pdf", "application/pdf", pdf, Care::SaveOnly),
            ("Run.DESKTOP", "text/plain", b"", Care::SaveOnly),
            ("invoice.html", "text/plain", b"Hello", Care::SaveOnly),
            ("picture.svg", "image/png", b"", Care::SaveOnly),
            ("page.mht", "text/plain", b"", Care::SaveOnly),
            ("minutes.pdf", "application/x-msdownload", pdf, Care::SaveOnly),
            ("minutes.pdf", "text/html", pdf, Care::SaveOnly),
            ("minutes.pdf", "application/x-sh", pdf, Care::SaveOnly),
            ("minutes.pdf", "image/svg+xml", pdf, Care::SaveOnly),
            ("minutes.pdf", "application/pdf", b"MZ\x90\x00", Care::SaveOnly),
            ("minutes.pdf", "application/pdf", b"\x7fELF\x02", Care::SaveOnly),
            ("notes.txt", "text/plain", b"#!/bin/sh\nrm -rf ~", Care::SaveOnly),
            ("notes.txt", "text/plain", b"# see\n[Desktop Entry]\nExec=sh", Care::SaveOnly),
            ("notes.txt", "text/plain", b"\xef\xbb\xbf <script>alert(1)</script>", Care::SaveOnly),
            ("notes.txt", "text/plain", b"@ECHO OFF\r\n", Care::SaveOnly),
            ("link.txt", "text/plain", b"[InternetShortcut]\r\nURL=file:///x", Care::SaveOnly),
            ("server.rdp", "application/octet-stream", b"full address:s:x", Care::SaveOnly),
            ("Help.kdelnk", "text/plain", b"", Care::SaveOnly),
            ("notes.one", "application/onenote", b"", Care::SaveOnly),
            ("update.msu", "application/octet-stream", b"", Care::SaveOnly),
            ("table.xll", "application/vnd.ms-excel", b"", Care::SaveOnly),
            ("Documents.library-ms", "text/xml", b"", Care::SaveOnly),
            ("disk.vhdx", "application/octet-stream", b"", Care::SaveOnly),
            ("store.appinstaller", "text/xml", b"", Care::SaveOnly),
            ("mail.inetloc", "text/xml", b"", Care::SaveOnly),
            ("minutes.pdf", "application/pdf", b"vhdxfile", Care::SaveOnly),
            ("notes.txt", "text/plain", b"[KDE Desktop Entry]\nExec=sh", Care::SaveOnly),
            ("notes.txt", "text/plain", b"screen mode id:i:2\r\nfull address:s:evil.test", Care::SaveOnly),
            ("unknown.xyz", "application/octet-stream", b"\x01\x02", Care::Ask),
            ("README", "text/plain", b"Hello", Care::Ask),
            ("table.xlsm", "application/vnd.ms-excel.sheet.macroenabled.12", b"PK\x03\x04", Care::Ask),
            ("old.doc", "application/msword", b"\xd0\xcf\x11\xe0", Care::Ask),
            ("photos.zip", "application/zip", b"PK\x03\x04", Care::Ask),
            ("", "", b"", Care::Ask),
        ];
        for (name, content_type, bytes, expected) in table {
            assert_eq!(care(name, content_type, bytes), expected, "{name} {content_type}");
        }
    }
}
