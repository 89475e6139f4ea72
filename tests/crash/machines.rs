//! Many machines make the bytes of one, whatever dies meanwhile.

use crate::beside_others;
use crate::common::{sample, stderr, thermaudit, tree};
use crate::whole::{assert_same, contents};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const STAGES: [&str; 6] = ["orient", "tile", "map", "roof", "sheet", "park"];

/// A project, what one machine makes of it, and room for plans.
struct Work {
    folder: tempfile::TempDir,
}

impl Work {
    /// The sample park with its inspection.
    fn sample() -> Self {
        let work = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        for name in tree(&sample()) {
            let of_project = !["results", "truth", ".thermaudit"]
                .iter()
                .any(|not| name.split('/').next() == Some(*not));
            if of_project {
                let to = work.project().join(&name);
                std::fs::create_dir_all(to.parent().expect("a folder")).expect("made");
                std::fs::copy(sample().join(&name), to).expect("copied");
            }
        }
        work
    }

    /// A simulated park flown twice: ids and map pages go from one flight to the next.
    fn twice() -> Self {
        let work = Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        };
        let path = work.project().display().to_string();
        let arguments = ["-q", "simulate", &path, "--seed", "4", "--flights", "2"];
        let done = thermaudit(&arguments);
        assert!(done.status.success(), "{}", stderr(&done));
        work
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.at(name).display().to_string()
    }

    fn project(&self) -> PathBuf {
        self.at("park")
    }

    /// What one process makes.
    fn alone(&self) -> PathBuf {
        let out = self.text("alone");
        let done = thermaudit(&["-q", "run", &self.text("park"), "--out", &out]);
        assert!(
            done.status.code().is_some_and(|c| c < 2),
            "{}",
            stderr(&done)
        );
        self.at("alone")
    }

    /// Plans in small units.
    fn plan(&self, url: &str, more: &[&str]) {
        let park = self.text("park");
        let small = ["--frames-per-unit", "6", "--sheets-per-unit", "2"];
        let scratch = self.text("scratch");
        let usual = ["-q", "plan", &park, "-o", url, "--scratch", &scratch];
        let done = thermaudit(&[&usual[..], &small, more].concat());
        assert!(
            done.status.code().is_some_and(|c| c < 2),
            "{}",
            stderr(&done)
        );
    }

    /// A worker, with its folder.
    fn worker(&self, url: &str, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_thermaudit"));
        let scratch = self.text("scratch");
        command.args(["-q", "run", "--plan", url, "--scratch", &scratch]);
        command
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// A share, to its end.
    fn share(&self, url: &str, stage: &str, shard: &str) -> Output {
        let mut worker = self.worker(url, &["--stage", stage, "--shard", shard]);
        worker.output().expect("starts")
    }

    /// As [`status`], which must be that all is done, each unit of work once.
    fn all_done(&self, url: &str) -> serde_json::Value {
        let done = thermaudit(&["status", url, "--json"]);
        let report: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
        assert_eq!(done.status.code(), Some(0), "{report:#}");
        report
    }

    fn merge(&self, url: &str) -> PathBuf {
        let out = self.text("merged");
        let done = thermaudit(&["-q", "merge", url, "-o", &out]);
        assert!(
            done.status.code().is_some_and(|c| c < 2),
            "{}",
            stderr(&done)
        );
        self.at("merged")
    }
}

/// How often a kind of work was done in all units.
fn made(report: &serde_json::Value, kind: &str) -> u64 {
    report["work"][kind].as_u64().unwrap_or(0)
}

#[test]
fn workers_without_an_engine_make_the_bytes_of_one_run_though_one_is_killed() {
    let _turn = beside_others();
    let work = Work::twice();
    let alone = work.alone();
    let url = work.text("plan");
    work.plan(&url, &["--lease", "1"]);
    let start = |more: &[&str]| work.worker(&url, more).spawn().expect("starts");
    let mut doomed = start(&["--shard", "0/2"]);
    let mut others = [start(&["--shard", "1/2"]), start(&["--jobs", "1"])];
    std::thread::sleep(Duration::from_millis(400));
    doomed.kill().expect("killed");
    doomed.wait().expect("ended");
    for other in &mut others {
        let ended = other.wait().expect("ends");
        assert!(ended.code().is_some_and(|c| c < 2), "{ended:?}");
    }
    let report = work.all_done(&url);
    let merged = work.merge(&url);
    assert_same(&merged, &alone);
    assert_same(&work.at("plan/results"), &alone);
    // What one made the others took over, except what died.
    let sheets = tree(&alone)
        .iter()
        .filter(|n| n.ends_with("/sheet.pdf"))
        .count() as u64;
    let set = made(&report, "SheetsSet");
    assert!((sheets..=sheets + 4).contains(&set), "{set} of {sheets}");
    assert!(made(&report, "FlightsLevelled") <= 3, "{report:#}");

    // A plan that is done is no work, and a shard of it neither.
    let again = work.share(&url, "tile", "1/2");
    assert_eq!(again.status.code(), Some(0), "{}", stderr(&again));
    assert_eq!(work.all_done(&url)["work"], report["work"]);
    // The same plan again is the same file; another one is refused.
    work.plan(&url, &["--lease", "1"]);
    let park = work.text("park");
    let other = thermaudit(&["-q", "plan", &park, "-o", &url, "--lang", "fr"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(stderr(&other).contains("another plan stands here"));
}

#[test]
fn a_share_says_what_is_missing_and_a_unit_that_cannot_be_done_is_given_up() {
    let _turn = beside_others();
    let work = Work::sample();
    let url = work.text("plan");
    work.plan(&url, &["--attempts", "2"]);
    let early = work.share(&url, "map", "0/1");
    assert_eq!(early.status.code(), Some(2));
    let said = stderr(&early);
    assert!(
        said.contains("tile") && said.contains("--stage tile"),
        "{said}"
    );
    let status = thermaudit(&["status", &url]);
    assert_eq!(status.status.code(), Some(1));
    let early = thermaudit(&["merge", &url]);
    assert_eq!(early.status.code(), Some(2));
    assert!(
        stderr(&early).contains("0 of 1 units are done"),
        "{}",
        stderr(&early)
    );

    // The index of an engine.
    let mut indexed = work.worker(&url, &["--stage", "orient", "--shards", "4"]);
    let none = indexed.output().expect("starts");
    assert_eq!(none.status.code(), Some(2), "{}", stderr(&none));
    assert!(stderr(&none).contains("JOB_COMPLETION_INDEX"));
    for (name, index) in [
        ("JOB_COMPLETION_INDEX", "1"),
        ("AWS_BATCH_JOB_ARRAY_INDEX", "2"),
        ("SLURM_ARRAY_TASK_ID", "3"),
    ] {
        let mut worker = work.worker(&url, &["--stage", "orient", "--shards", "4"]);
        let done = worker.env(name, index).output().expect("starts");
        assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
        // The only unit is of the first share.
        let status = thermaudit(&["status", &url, "--json"]);
        let report: serde_json::Value = serde_json::from_slice(&status.stdout).expect("JSON");
        assert_eq!(report["stages"][0]["done"], 0, "{name}");
    }

    // An input that is another than it was.
    let list = work.project().join("companies.csv");
    let text = std::fs::read_to_string(&list).expect("a list");
    std::fs::write(&list, format!("{text}\n")).expect("written");
    let refused = work.share(&url, "orient", "0/1");
    assert_eq!(refused.status.code(), Some(2));
    let said = stderr(&refused);
    assert!(
        said.contains("companies.csv") && said.contains("given up"),
        "{said}"
    );
    let status = thermaudit(&["status", &url]);
    assert_eq!(status.status.code(), Some(2));
    let told = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(
        told.contains("companies.csv") && told.contains("2 attempts"),
        "{told}"
    );
    // It is not tried again, and who needs it says so.
    let since = Instant::now();
    let next = work.worker(&url, &[]).output().expect("starts");
    assert_eq!(next.status.code(), Some(2));
    assert!(since.elapsed() < Duration::from_secs(20));
    assert!(stderr(&next).contains("needs orient"), "{}", stderr(&next));

    // A plan of another build.
    let at = work.at("plan/plan.json");
    let plan = std::fs::read_to_string(&at).expect("a plan");
    let code = plan
        .lines()
        .find(|l| l.contains("\"code\""))
        .expect("a line");
    std::fs::write(&at, plan.replace(code, "  \"code\": \"0000\",")).expect("written");
    let other = work.share(&url, "orient", "0/1");
    assert_eq!(other.status.code(), Some(2));
    assert!(
        stderr(&other).contains("another build"),
        "{}",
        stderr(&other)
    );
}

/// The Python with the packages of `tests/tools/requirements.txt`.
fn python(module: &str) -> Option<PathBuf> {
    let python = PathBuf::from(std::env::var_os("THERMAUDIT_PYTHON")?);
    let has = Command::new(&python)
        .args(["-c", &format!("import {module}")])
        .output();
    match has.is_ok_and(|o| o.status.success()) {
        true => Some(python),
        false => {
            println!("skipped: no {module}");
            None
        }
    }
}

/// The program, of which the first that does share 3 of the tiles dies of SIGKILL in the middle.
fn killer(folder: &Path) -> PathBuf {
    let path = folder.join("thermaudit-once-killed");
    let text = format!(
        "#!/bin/sh\n\
         case \"$*\" in *'--stage tile --shard 3/8'*)\n\
         if mkdir '{0}/killed' 2>/dev/null; then\n\
         '{1}' \"$@\" & pid=$!\n\
         while ! ls '{0}'/plan/units/*/lease-1 >/dev/null 2>&1; do :; done\n\
         sleep 0.05; kill -9 $pid; wait $pid; exit 137\n\
         fi;; esac\n\
         exec '{1}' \"$@\"\n",
        folder.display(),
        env!("CARGO_BIN_EXE_thermaudit")
    );
    std::fs::write(&path, text).expect("written");
    let done = Command::new("chmod").arg("755").arg(&path).status();
    assert!(done.expect("chmod is there").success());
    path
}

#[test]
fn snakemake_in_eight_shares_with_a_killed_worker_makes_the_bytes_of_one_run() {
    let _turn = beside_others();
    let Some(python) = python("snakemake") else {
        return;
    };
    let work = Work::sample();
    let alone = work.alone();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("workflow/Snakefile");
    let program = killer(work.folder.path());
    let config = [
        format!("projects={}", work.text("park")),
        format!("plan={}", work.text("plan")),
        format!("thermaudit={}", program.display()),
        "shards=8".to_owned(),
        "options=--frames-per-unit 6 --sheets-per-unit 2 --lease 1".to_owned(),
    ];
    let snakemake = || {
        let mut command = Command::new(&python);
        command
            .args([
                "-m",
                "snakemake",
                "--quiet",
                "all",
                "--cores",
                "2",
                "--nocolor",
                "-s",
            ])
            .arg(&file)
            .arg("--config")
            .args(&config)
            .current_dir(work.folder.path());
        command.output().expect("starts")
    };
    let done = snakemake();
    assert!(done.status.success(), "{}", stderr(&done));
    assert!(work.at("killed").is_dir(), "nobody was killed");
    assert_same(&work.at("plan/results"), &alone);
    work.all_done(&work.text("plan"));
    for stage in STAGES {
        for i in 0..8 {
            let mark = work.at(&format!(".thermaudit-jobs/{stage}-{i}"));
            assert!(mark.exists(), "{stage} {i}");
        }
    }
    let again = snakemake();
    assert!(again.status.success(), "{}", stderr(&again));
}

/// An S3 server on loopback; gone with this value.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(python: &Path) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let child = Command::new(python)
            .args([
                "-m",
                "moto.server",
                "-H",
                "127.0.0.1",
                "-p",
                &port.to_string(),
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let server = Self { child, port };
        let since = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(since.elapsed() < Duration::from_secs(30), "no server");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    fn environment(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ACCESS_KEY_ID", KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
            ("AWS_DEFAULT_REGION", "eu-west-1".to_owned()),
            ("AWS_ENDPOINT", format!("http://127.0.0.1:{}", self.port)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
        ]
    }

    /// Runs a script with `s3`, a client of the server.
    fn script(&self, python: &Path, script: &str, arguments: &[&str]) -> Output {
        let head = "import boto3, os, sys\n\
             s3 = boto3.client('s3', endpoint_url=os.environ['AWS_ENDPOINT'])\n";
        let done = Command::new(python)
            .args(["-c", &format!("{head}{script}")])
            .args(arguments)
            .envs(self.environment())
            .output()
            .expect("starts");
        assert!(done.status.success(), "{}", stderr(&done));
        done
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const KEY: &str = "AKIAQUITEUNLIKELY";
const SECRET: &str = "wJalrXUtnFEMIQuiteUnlikelySecret";

#[test]
fn a_bucket_serves_two_workers_that_race_and_nobody_reads_the_credentials() {
    let _turn = beside_others();
    let Some(python) = python("moto.server") else {
        return;
    };
    let server = Server::start(&python);
    let work = Work::sample();
    let alone = work.alone();
    server.script(
        &python,
        "s3.create_bucket(Bucket='audits', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})\n\
         for d, _, fs in os.walk(sys.argv[1]):\n\
        \x20   for f in fs:\n\
        \x20       p = os.path.join(d, f)\n\
        \x20       s3.upload_file(p, 'audits', 'parks/park/' + os.path.relpath(p, sys.argv[1]))\n",
        &[&work.text("park")],
    );
    let run = |arguments: &[&str]| -> Output {
        Command::new(env!("CARGO_BIN_EXE_thermaudit"))
            .args(arguments)
            .envs(server.environment())
            .output()
            .expect("starts")
    };
    let url = "s3://audits/winter/plan";
    let scratch = work.text("scratch");
    let mut said = Vec::new();
    let planned = run(&[
        "-v",
        "plan",
        "s3://audits/parks/park",
        "-o",
        url,
        "--scratch",
        &scratch,
        "--frames-per-unit",
        "6",
        "--sheets-per-unit",
        "2",
    ]);
    assert!(
        planned.status.code().is_some_and(|c| c < 2),
        "{}",
        stderr(&planned)
    );
    said.extend(planned.stderr);
    // Both want every unit.
    let race = |_| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_thermaudit"));
        command
            .args(["-v", "run", "--plan", url, "--scratch", &scratch])
            .envs(server.environment())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command.spawn().expect("starts")
    };
    let workers: Vec<Child> = (0..2).map(race).collect();
    let mut done = Vec::new();
    for worker in workers {
        let output = worker.wait_with_output().expect("ends");
        let text = stderr(&output);
        assert!(output.status.code().is_some_and(|c| c < 2), "{text}");
        let line = text.lines().find(|l| l.contains("units done here"));
        let number = line.and_then(|l| l.split_whitespace().find_map(|w| w.parse::<usize>().ok()));
        done.push(number.expect("a number"));
        said.extend(output.stderr);
    }
    let status = run(&["status", url, "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!(status.status.code(), Some(0), "{report:#}");
    let stages = report["stages"].as_array().expect("stages");
    let units: u64 = stages.iter().filter_map(|s| s["units"].as_u64()).sum();
    assert_eq!(
        done.iter().sum::<usize>() as u64,
        units,
        "a unit twice, or not"
    );
    let (levelled, sheets) = (made(&report, "FlightsLevelled"), made(&report, "SheetsSet"));
    assert_eq!(levelled, 1);
    let expected = tree(&alone)
        .iter()
        .filter(|n| n.ends_with("/sheet.pdf"))
        .count() as u64;
    assert_eq!(sheets, expected, "a sheet twice, or not");

    let merged = run(&["-v", "merge", url, "-o", &work.text("merged")]);
    assert!(
        merged.status.code().is_some_and(|c| c < 2),
        "{}",
        stderr(&merged)
    );
    said.extend(merged.stderr);
    assert_same(&work.at("merged"), &alone);

    // A key in a URL is refused before anything is asked or written.
    let wrong = run(&[
        "plan",
        &work.text("park"),
        "-o",
        &format!("s3://{KEY}:{SECRET}@audits/x"),
    ]);
    assert_eq!(wrong.status.code(), Some(2));
    said.extend(wrong.stderr);
    // A server that refuses says so without them.
    let refused = run(&["status", "s3://nobodys-bucket/plan"]);
    assert_eq!(refused.status.code(), Some(2));
    said.extend(refused.stderr);
    let script = "b = b''\n\
         for page in s3.get_paginator('list_objects_v2').paginate(Bucket='audits'):\n\
        \x20   for o in page.get('Contents', []):\n\
        \x20       b += o['Key'].encode() + s3.get_object(Bucket='audits', Key=o['Key'])['Body'].read()\n\
         sys.stdout.buffer.write(b)\n";
    let bucket = server.script(&python, script, &[]).stdout;
    assert!(bucket.len() > 1_000_000);
    let local: Vec<u8> = contents(&work.at("merged"))
        .into_values()
        .flatten()
        .collect();
    for (place, bytes) in [
        ("messages", &said),
        ("bucket", &bucket),
        ("results", &local),
    ] {
        for secret in [KEY, SECRET] {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{place} tell {}…", &secret[..4]);
        }
    }
}
