//! Where a ledger may lie: in a folder that is there, on a drive of this machine.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{StoreError, StoreFault};

/// Kinds of mounts whose files live on another machine, or behind a layer that passes locks or syncs
/// on only in part.
const NETWORK_MOUNTS: [&str; 27] = [
    "9p",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "fuse.ceph",
    "fuse.davfs2",
    "fuse.glusterfs",
    "fuse.gvfsd-fuse",
    "fuse.rclone",
    "fuse.s3fs",
    "fuse.smbnetfs",
    "fuse.sshfs",
    "fuse.vmhgfs-fuse",
    "gfs2",
    "glusterfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "smb3",
    "smbfs",
    "vboxsf",
    "vmhgfs",
];

/// The absolute path of a ledger's file, without symbolic links.
///
/// A network drive is found on Linux by what the kernel says of its mounts, on Windows by the path that a
/// share or a mapped drive resolves to. On other systems it is not found.
///
/// # Errors
/// `Folder` if the folder is missing, `NotALedger` if the path names a folder, `NetworkDrive`.
pub(crate) fn locate(path: &Path) -> Result<PathBuf, StoreError> {
    let name = path.file_name().ok_or_else(|| {
        let message = format!("`{}` names no file; give the ledger a name", path.display());
        StoreError::new(StoreFault::NotALedger, message)
    })?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let folder = fs::canonicalize(folder).map_err(|error| io_fault(path, &error))?;
    if !folder.is_dir() {
        let message = format!("`{}` is no folder; choose one", folder.display());
        return Err(StoreError::new(StoreFault::Folder, message));
    }
    let beside = folder.join(name);
    let found = fs::canonicalize(&beside).unwrap_or(beside);
    if found.is_dir() {
        let message = format!("`{}` is a folder; name a file in it", found.display());
        return Err(StoreError::new(StoreFault::NotALedger, message));
    }
    match network_drive(&found) {
        None => Ok(found),
        Some(kind) => {
            let message = format!(
                "`{}` is on a network drive ({kind}), where a ledger is not safe; choose a folder on this machine",
                found.display()
            );
            Err(StoreError::new(StoreFault::NetworkDrive, message))
        }
    }
}

/// What kind of network drive a file lies on, if it does.
fn network_drive(path: &Path) -> Option<String> {
    if cfg!(windows) {
        return is_share(&path.to_string_lossy()).then(|| "a share".into());
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let kind = mount_kind(&mounts, path)?;
    NETWORK_MOUNTS.contains(&kind.as_str()).then_some(kind)
}

/// Whether a path of Windows names a share: `\\server\share`, or `\\?\UNC\server\share`, to which mapped
/// drives resolve.
fn is_share(path: &str) -> bool {
    let path = path.replace('/', "\\");
    match path.strip_prefix(r"\\") {
        None => false,
        Some(rest) => match rest.strip_prefix(r"?\").or_else(|| rest.strip_prefix(r".\")) {
            None => true,
            Some(device) => device.to_ascii_uppercase().starts_with(r"UNC\"),
        },
    }
}

/// The kind of the mount on which a path lies, by the kernel's table of mounts: the deepest one, and
/// of several at one place the last.
fn mount_kind(mounts: &str, path: &Path) -> Option<String> {
    let mut found: Option<(usize, String)> = None;
    for line in mounts.lines() {
        // 36 35 98:0 /root /mount/point options [fields] - kind source options
        let Some((front, back)) = line.split_once(" - ") else { continue };
        let (Some(point), Some(kind)) = (front.split(' ').nth(4), back.split(' ').next()) else {
            continue;
        };
        let point = unescaped(point);
        let point = Path::new(&point);
        let depth = point.components().count();
        let deeper = found.as_ref().is_none_or(|(known, _)| depth >= *known);
        if deeper && path.starts_with(point) {
            found = Some((depth, kind.to_owned()));
        }
    }
    found.map(|(_, kind)| kind)
}

/// A mount point without the kernel's escapes: `\040` is a space.
fn unescaped(point: &str) -> String {
    let mut bytes = Vec::with_capacity(point.len());
    let mut rest = point.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let code = rest
            .by_ref()
            .take(3)
            .fold(0_u32, |code, digit| code * 8 + u32::from(digit.saturating_sub(b'0')) % 8);
        bytes.push(u8::try_from(code).unwrap_or(b'?'));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Makes the names of files in a file's folder last.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        // On Windows a folder cannot be opened for this, and renaming is journalled.
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

/// What a failure of the operating system at a file or folder means.
pub(crate) fn io_fault(path: &Path, error: &io::Error) -> StoreError {
    let name = path.display();
    let (fault, message) = match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            (StoreFault::Folder, format!("there is no folder for `{name}`; create it"))
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => (
            StoreFault::ReadOnly,
            format!("`{name}` cannot be written; allow it, or choose another folder"),
        ),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            (StoreFault::Full, format!("there is no space left for `{name}`; free some"))
        }
        _ => (StoreFault::Failed, format!("`{name}` could not be read or written: {error}")),
    };
    StoreError::new(fault, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /srv/shop rw shared:5 - nfs4 server:/shop rw
31 30 254:1 / /srv/shop/local rw - ext4 /dev/vdb rw
32 22 0:41 / /mnt/касса\\0401 rw - cifs //server/till rw
33 22 254:2 / /over rw - ext4 /dev/vdc rw
34 33 0:42 / /over rw - fuse.sshfs host: rw
35 22 0:43 broken line";

    #[test]
    fn a_medium_that_cannot_be_written_or_is_full_is_told_from_one_that_fails() {
        let path = Path::new("till.ledger");
        let fault = |kind| io_fault(path, &io::Error::from(kind)).fault();
        assert_eq!(fault(io::ErrorKind::ReadOnlyFilesystem), StoreFault::ReadOnly);
        assert_eq!(fault(io::ErrorKind::PermissionDenied), StoreFault::ReadOnly);
        assert_eq!(fault(io::ErrorKind::StorageFull), StoreFault::Full);
        assert_eq!(fault(io::ErrorKind::NotFound), StoreFault::Folder);
        assert_eq!(fault(io::ErrorKind::TimedOut), StoreFault::Failed);
    }

    #[test]
    fn a_file_lies_on_the_deepest_mount_and_the_last_one_there() {
        let kind = |path: &str| mount_kind(MOUNTS, Path::new(path)).unwrap();
        assert_eq!(kind("/var/lib/till.ledger"), "ext4");
        assert_eq!(kind("/srv/shop/till.ledger"), "nfs4");
        assert_eq!(kind("/srv/shopping/till.ledger"), "ext4");
        assert_eq!(kind("/srv/shop/local/till.ledger"), "ext4");
        assert_eq!(kind("/mnt/касса 1/till.ledger"), "cifs");
        assert_eq!(kind("/over/till.ledger"), "fuse.sshfs");
    }

    #[test]
    fn shares_of_windows_are_told_from_its_drives() {
        for share in [r"\\server\till\a.ledger", "//server/till/a", r"\\?\UNC\server\till\a"] {
            assert!(is_share(share), "{share}");
        }
        for drive in [r"C:\till\a.ledger", r"\\?\C:\till\a.ledger", r"\\.\C:\a", "a.ledger"] {
            assert!(!is_share(drive), "{drive}");
        }
    }

    #[test]
    fn a_missing_folder_and_a_folder_in_the_files_place_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let fault = |path: &Path| locate(path).unwrap_err().fault();
        assert_eq!(fault(&folder.path().join("none/till.ledger")), StoreFault::Folder);
        assert_eq!(fault(folder.path()), StoreFault::NotALedger);
        fs::write(folder.path().join("file"), "").unwrap();
        assert_eq!(fault(&folder.path().join("file/till.ledger")), StoreFault::Folder);
        assert_eq!(fault(Path::new("/")), StoreFault::NotALedger);
    }

    #[test]
    fn a_path_is_absolute_from_then_on() {
        let folder = tempfile::tempdir().unwrap();
        let found = locate(&folder.path().join("x/../till.ledger"));
        assert_eq!(found.unwrap_err().fault(), StoreFault::Folder);
        fs::create_dir(folder.path().join("x")).unwrap();
        let found = locate(&folder.path().join("x/../till.ledger")).unwrap();
        assert_eq!(found, fs::canonicalize(folder.path()).unwrap().join("till.ledger"));
        assert!(locate(Path::new("till.ledger")).unwrap().is_absolute());
    }
}
