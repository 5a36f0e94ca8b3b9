//! The walls around a child that opens hostile files, beside the limits on what it may use.
//!
//! It reads one folder and writes another, both made for it (Landlock); it opens no socket, starts no
//! program and no process (system call filter); it gains no right by any of that (`no_new_privs`). Parsers
//! are memory-safe, so this is the second wall. A kernel without one of them goes without it, and the
//! parent is told which. Not here: limits of time and memory (`worker`).
//! The rule that surprises: walls stand before the first input and never come down.

use std::path::Path;

/// The two folders of a child.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folders<'a> {
    /// What it may read.
    pub(crate) inside: &'a Path,
    /// What it may read and write.
    pub(crate) out: &'a Path,
}

/// Puts the walls up around this process; answers what this system could not do, in words for the operator.
pub(crate) fn raise(folders: Option<Folders<'_>>) -> Vec<String> {
    let mut without = Vec::new();
    #[cfg(target_os = "linux")]
    {
        if let Some(folders) = folders {
            without.extend(linux::keep_to(folders).err());
        } else {
            without.push("folders: none were named".to_owned());
        }
        without.extend(linux::refuse_calls().err());
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = folders; // only Linux has these walls
        without.push("Landlock and system call filters: this system has none".to_owned());
    }
    without
}

#[cfg(target_os = "linux")]
mod linux {
    use super::Folders;
    use landlock::{
        ABI, Access as _, AccessFs, PathBeneath, PathFd, Ruleset, RulesetAttr as _,
        RulesetCreatedAttr as _, RulesetStatus,
    };
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule,
    };
    use std::collections::BTreeMap;

    /// The newest set of rights that is asked for; an older kernel gives what it has.
    const RIGHTS: ABI = ABI::V5;

    /// Closes all files but those of the two folders.
    pub(super) fn keep_to(folders: Folders<'_>) -> Result<(), String> {
        let not_for_files = AccessFs::Execute
            | AccessFs::MakeChar
            | AccessFs::MakeBlock
            | AccessFs::MakeSock
            | AccessFs::MakeFifo
            | AccessFs::MakeSym
            | AccessFs::IoctlDev;
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        let write = AccessFs::from_all(RIGHTS) & !not_for_files;
        let told = |cause: &dyn std::fmt::Display| format!("Landlock: {cause}");
        let folder = |path| PathFd::new(path).map_err(|cause| told(&cause));
        let (inside, out) = (folder(folders.inside)?, folder(folders.out)?);
        let status = Ruleset::default()
            .handle_access(AccessFs::from_all(RIGHTS))
            .and_then(Ruleset::create)
            .and_then(|rules| rules.add_rule(PathBeneath::new(inside, read)))
            .and_then(|rules| rules.add_rule(PathBeneath::new(out, write)))
            .and_then(landlock::RulesetCreated::restrict_self)
            .map_err(|cause| told(&cause))?;
        match status.ruleset {
            _ if !status.no_new_privs => Err("no_new_privs: refused by the system".to_owned()),
            RulesetStatus::NotEnforced => Err("Landlock: this kernel has none".to_owned()),
            RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Ok(()),
        }
    }

    /// What no parser needs: the network, other programs and processes, the system itself.
    const REFUSED: &[libc::c_long] = &[
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_sendmmsg,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_rt_sigqueueinfo,
        libc::SYS_rt_tgsigqueueinfo,
        libc::SYS_pidfd_open,
        libc::SYS_pidfd_getfd,
        libc::SYS_pidfd_send_signal,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_kcmp,
        libc::SYS_setns,
        libc::SYS_unshare,
        libc::SYS_chroot,
        libc::SYS_pivot_root,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_open_tree,
        libc::SYS_move_mount,
        libc::SYS_fsopen,
        libc::SYS_fsmount,
        libc::SYS_open_by_handle_at,
        libc::SYS_name_to_handle_at,
        libc::SYS_mknodat,
        libc::SYS_memfd_create,
        libc::SYS_shmget,
        libc::SYS_msgget,
        libc::SYS_semget,
        libc::SYS_mq_open,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_io_uring_setup,
        libc::SYS_io_uring_enter,
        libc::SYS_io_uring_register,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_delete_module,
        libc::SYS_kexec_load,
        libc::SYS_reboot,
        libc::SYS_swapon,
        libc::SYS_swapoff,
        libc::SYS_quotactl,
        libc::SYS_acct,
        libc::SYS_personality,
        libc::SYS_settimeofday,
        libc::SYS_clock_settime,
        libc::SYS_adjtimex,
        libc::SYS_sethostname,
        libc::SYS_setdomainname,
        libc::SYS_setuid,
        libc::SYS_setgid,
        libc::SYS_setreuid,
        libc::SYS_setregid,
        libc::SYS_setresuid,
        libc::SYS_setresgid,
        libc::SYS_setgroups,
        libc::SYS_capset,
    ];
    #[cfg(target_arch = "x86_64")]
    const REFUSED_HERE: &[libc::c_long] = &[
        libc::SYS_fork,
        libc::SYS_vfork,
        libc::SYS_mknod,
        libc::SYS_iopl,
        libc::SYS_ioperm,
    ];
    #[cfg(not(target_arch = "x86_64"))]
    const REFUSED_HERE: &[libc::c_long] = &[];

    /// Refuses those calls to every thread. `clone3` hides its flags from a filter: it is said not to
    /// exist, and the library falls back to `clone`, of which only new threads are let through.
    pub(super) fn refuse_calls() -> Result<(), String> {
        let calls = REFUSED.iter().chain(REFUSED_HERE);
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            calls.map(|call| (*call, Vec::new())).collect();
        rules.insert(libc::SYS_clone, vec![no_thread()?]);
        put(rules, libc::EPERM)?;
        put([(libc::SYS_clone3, Vec::new())].into(), libc::ENOSYS)
    }

    fn told(cause: impl std::fmt::Display) -> String {
        format!("system call filter: {cause}")
    }

    /// A `clone` that would make a process.
    fn no_thread() -> Result<SeccompRule, String> {
        let flag = u64::from(libc::CLONE_THREAD.unsigned_abs());
        let is_process = SeccompCmpOp::MaskedEq(flag);
        SeccompCondition::new(0, SeccompCmpArgLen::Qword, is_process, 0)
            .and_then(|condition| SeccompRule::new(vec![condition]))
            .map_err(told)
    }

    fn put(rules: BTreeMap<i64, Vec<SeccompRule>>, answer: i32) -> Result<(), String> {
        let arch = std::env::consts::ARCH.try_into().map_err(told)?;
        let refuse = SeccompAction::Errno(answer.unsigned_abs());
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch);
        let program: BpfProgram = filter.and_then(TryInto::try_into).map_err(told)?;
        seccompiler::apply_filter_all_threads(&program).map_err(told)
    }
}
