//! `explain EVENT`: the file of an event whose versions, counts and parties are known.

use crate::support::{run, stdout};

const MAPPING: &str = "domain = \"disputes\"\nfiles = [\"disputes*\"]\n[columns]\nevent_id = \"event_id\"\n\
    occurred_at = \"occurred_at\"\narea_code = \"area_code\"\ncategory = \"category\"\naccepted_at = \"accepted_at\"\n\
    due_at = \"due_at\"\nresolved_at = \"resolved_at\"\noutcome = \"outcome\"\nrecorded_at = \"recorded_at\"\n\
    [persons]\ncolumns = [\"当事人\"]\n";

#[test]
fn an_events_file_has_its_versions_times_counts_and_parties() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir_all(root.join("inbox")).unwrap();
    let rows = "event_id,occurred_at,area_code,category,accepted_at,due_at,resolved_at,outcome,当事人,recorded_at\n\
        d'1,2026-01-05 09:00,620981101,neighbour,2026-01-05 09:30,2026-01-12 09:00,,,张三李四,2026-01-05 10:00\n\
        d'1,2026-01-05 09:00,620981101,neighbour,2026-01-05 09:30,2026-01-12 09:00,2026-01-07 09:00,mediated,张三李四,2026-01-07 10:00\n\
        d2,2026-01-20 09:00,620981101,neighbour,,,,,张三李四,2026-01-20 10:00\n\
        d3,2026-01-21 09:00,620981101,neighbour,,,,,王五赵六,2026-01-21 10:00\n";
    for (file, text) in [
        ("pingan.toml", "name = \"静县\"\ncounty = \"620981\"\n"),
        (
            "areas.csv",
            "code,name,level,parent,population\n620981,静县,county,,\n620981101,甲镇,township,620981,20000\n",
        ),
        ("mappings/disputes.toml", MAPPING),
        ("inbox/disputes.csv", rows),
    ] {
        let file = root.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let workspace = root.to_str().unwrap();
    run(&["-q", "-w", workspace, "nightly", "--date", "2026-01-31"]);
    let file = |as_of: &str, id: &str| {
        stdout(&["-q", "-w", workspace, "--as-of", as_of, "--format", "csv", "explain", id])
    };
    let whole = file("2026-01-31", "d'1");
    for line in [
        "disputes,version,2026-01-05 10:00,category,neighbour",
        "disputes,version,2026-01-07 10:00,outcome,mediated",
        "disputes,version,2026-01-07 10:00,resolved_at,2026-01-07 09:00",
        "disputes,time,,accepted,0.5 h",
        "disputes,time,,resolved,48.0 h of 168.0 h",
        "disputes,counts,2026-01-05,mediation_success,1 of 1",
        "disputes,counts,2026-01-12,resolution_rate,1 of 1",
        "disputes,same party,2026-01-20,disputes,D2",
    ] {
        assert!(whole.contains(line), "{line}\n{whole}");
    }
    assert!(!whole.contains(",D3\n") && whole.matches(",category,").count() == 1, "{whole}");
    // As it was known then.
    let then = file("2026-01-06", "d'1");
    assert!(!then.contains("mediated") && !then.contains(",D2\n"), "{then}");
    assert!(then.contains("disputes,counts,2026-01-12,resolution_rate,0 of 1"), "{then}");
    let nowhere = run(&["-q", "-w", workspace, "explain", "d9"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("event"), "an event is offered");
}
