import Progress
import Testing

@Suite("Progress in lines that many programs write")
struct CommonFormsTests {
    private func percent(_ line: String) -> Double? {
        var reader = OutputReader()
        return Array((line + "\n").utf8).withUnsafeBytes { reader.read($0, from: .output) }?.percent
    }

    @Test(
        "percentages",
        arguments: [
            ("45%", 45), ("[ 45%] Building C object a.o", 45), ("Progress: 12.5 %", 12.5), ("(100%)", 100),
            ("0%|   | 0/9", 0),
            (" 45%|████▌     | 45/100 [00:05<00:06,  8.5it/s]", 45), ("done 1,5%", 1.5),
            ("Receiving objects:  45% (450/1000), 1.2 MiB", 45), ("[download]  45.2% of 10.00MiB at 1.2MiB/s", 45.2),
            ("tests/test_a.py::test_b[50%] PASSED   [ 12%]", 12), ("\u{1B}[32m77%\u{1B}[0m done", 77),
            (" 1050K .......... ..........  45% 1.2M 5s", 45), ("####### 33.3%", 33.3), ("[==>   ]33%", 33),
            ("Progress: [ 42%]", 42), ("45% [1 pv 24.1 kB/53.5 kB 24%]", 45), ("Download 45%", 45),
            ("  0%|    | 1/9 [00:05<00:06,  8.5it/s, acc=97%]", 0), ("Rendering: 12%, CPU 93%", 12), ("45% done", 45),
            ("Writing to disk: 45%", 45), ("a.zip: 45%|##  |", 45),
            ("Downloading a.zip: 45%", 45), ("foo.iso     45%[====>    ]  4.5M", 45),
            ("video.mp4   45%  12MB", 45),
        ])
    func percentages(_ line: String, _ expected: Double) { #expect(percent(line) == expected) }

    @Test(
        "fractions",
        arguments: [
            ("[12/300] Compiling a.swift", 4), ("3/4", 75), ("Step 3/10 : RUN make", 30), ("(1/8) upgrading", 12.5),
            ("epoch 5/5: loss 0.1", 100), ("file 1/2, page 3/4", 50), ("0/7", 0), ("epoch 3/10 acc 97%", 30),
            ("Step 1 of 4", 25), ("Frame 100 of 500", 20), ("[3 of 4] linking", 75), ("Processing 12 of 300.", 4),
            ("1 of 2", 50), ("file #1 of 8: a.txt", 12.5), ("Frame 100 of 500 (2.3 s)", 20), ("step 0 of 9", 0),
            ("━━━━ 1.5/3.0 MB 3.0 MB/s eta 0:00:01", 50), ("[====>   ]  12.5MB/50MB", 25), ("1.5 GiB / 6.0 GiB", 25),
            ("512kB/1.024MB", 50), ("get 3/4 MB", 75), ("Epoch   1/100", 1), ("count:  3/4 x", 75),
            ("3/4 files copied", 75),
            ("Building [==>  ] 3/4: a(build)", 75), ("| 3/4 [00:05", 75), ("━━╸━ 3/4 x", 75), ("(3/4 files)", 75),
            ("  3/4  ", 75),
        ])
    func fractions(_ line: String, _ expected: Double) { #expect(percent(line) == expected) }

    @Test(
        "what only looks like it",
        arguments: [
            "", "%", "100", "%20%2F", "-5%", "101%", "1.2.3.4%", "x45%", "v1.5%", "50%off", "%%", "2026/11/21",
            "11/21 10:42:07 start",
            "/usr/1/2", "a/1/2", "1/2/3", "4/3", "1/0", "n/m", "http://host/1/2", "3/4x", "12345678901/12345678902",
            "batch 32/64 acc 97%", "batch 32/64", "CPU 93%", "CPU: 93%", "cpu=93%", "GPU usage:  80%", "mem 45%",
            "val_acc: 97%",
            "memory (45%)", "93% CPU", "100% packet loss", "Training accuracy 97%", "disk: 80%", "45% left",
            "0% errors",
            "attempt 1/3", "retry 2 of 5", "3 of 5 tests failed", "1 of 0", "4 of 3", "1 of 3.5", "2 of 10x", "of 3",
            "3 of ",
            "Mem: 1.2/5.0 GB", "1.2 MB/s", "5.0/1.2 MB", "1.2/0.0 MB", "3.0/4.0", "1.2/5.0 MB/s", "1..2/5.0 MB",
            "web-0   1/1     Running   0          5m", "web-0   0/1     Pending", "web   3/3     3            3",
            "5/7 tests failed", "(5/7 tests failed)", "result 5/7 failed", "Sat 11/28 at 10:42", "Sat 11/28", "3/4 cup",
            "/dev/sda1 50G 20G 28G  42% /", "/dev/sda1  20971520  9000000 12000000  42% /", "TOTAL 120 10 92%",
            "src/a.py     120     10    92%   3-5", "  adding: a.txt (deflated 45%)", "(deflated 45%)",
            " rename {a => b} (95%)", "rename {a => b} (95%)", " copy a => b (80%)", " rewrite a.c (62%)",
            "a.txt: 45.3%", "a.txt:\t 45.3% -- replaced with a.txt.gz", "Makefile:\t 45.3% -- created Makefile.gz",
            "video:12kB audio:3kB muxing overhead: 1.25%",
        ])
    func others(_ line: String) { #expect(percent(line) == nil) }

    @Test(
        "the time left",
        arguments: [
            ("train:  45%|##   | 18/40 [00:01<01:02,  9.95it/s]", 62), (" 45%|##| 1/2 [1:00<1:02:03]", 3723),
            ("341KiB 0:00:00 [ 621KiB/s] [==>   ] 11% ETA 0:00:03", 3), ("11% ETA 1:00:00:01", 86_401),
            ("━━━ 1.5/3.0 MB 3.0 MB/s eta 0:00:01", 1), ("[download]  45.2% of 10MiB at 1MiB/s ETA 00:05", 5),
            ("45% ETA: 5s", 5), ("45% eta 1m20s", 80), ("45% ETA 2h5m", 7500), ("Working ━━━╸━━  45% 0:00:06", 6),
            ("Working ━━━━━━ 100% 0:00:06", nil), ("45%|##| 1/2 [00:01<?, ?it/s]", nil), ("45% ETA soon", nil),
            ("45% ETA --:--:--", nil), ("45% ETA 99999999:00", nil), ("45% ETA 5 parsecs", nil), ("45% 0:00:06", nil),
        ] as [(String, Int?)])
    func timeLeft(_ line: String, _ seconds: Int?) {
        var reader = OutputReader()
        let reading = Array((line + "\n").utf8).withUnsafeBytes { reader.read($0, from: .output) }
        #expect(reading != nil && reading?.remainingSeconds == seconds)
    }
}
