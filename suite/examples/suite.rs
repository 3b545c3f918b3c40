use serde_json::Value;
use std::io::{Read, Write};
use std::{env, fs, net::TcpStream, process, time::Duration};

// Your verifier: pass it the bytes, and the clock, the keys, the region, and the service in the setting.
fn is_accepted(request: &[u8], _setting: &Value) -> bool {
    let port = env::args().nth(1).unwrap();
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    // The server may wait for the rest of a body that is too short.
    stream
        .set_read_timeout(Some(Duration::from_secs(2)))
        .unwrap();
    let mut status = [0; 12];
    let is_read = stream
        .write_all(request)
        .and_then(|_| stream.read_exact(&mut status))
        .is_ok();
    is_read && matches!(status[9], b'2' | b'3')
}

fn main() {
    let content = fs::read(env::args().nth(2).unwrap()).unwrap();
    let suite: Value = serde_json::from_slice(&content).unwrap();
    let mut status = 0;
    for group in suite["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            if test["result"] == "acceptable" || test.get("layer").is_some() {
                continue;
            }
            let request: Vec<u8> = test["http"]
                .as_str()
                .unwrap()
                .chars()
                .map(|c| c as u8)
                .collect();
            if is_accepted(&request, &group["setting"]) != (test["result"] == "valid") {
                status = 1;
                let [id, result, comment] =
                    ["id", "result", "comment"].map(|name| test[name].as_str().unwrap());
                println!("{id} is {result}: {comment}");
            }
        }
    }
    process::exit(status);
}
