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
        ])
    func percentages(_ line: String, _ expected: Double) { #expect(percent(line) == expected) }

    @Test(
        "fractions",
        arguments: [
            ("[12/300] Compiling a.swift", 4), ("3/4", 75), ("Step 3/10 : RUN make", 30), ("(1/8) upgrading", 12.5),
            ("epoch 5/5: loss 0.1", 100), ("file 1/2, page 3/4", 50), ("0/7", 0),
        ])
    func fractions(_ line: String, _ expected: Double) { #expect(percent(line) == expected) }

    @Test(
        "what only looks like it",
        arguments: [
            "", "%", "100", "%20%2F", "-5%", "101%", "1.2.3.4%", "x45%", "v1.5%", "50%off", "%%", "2026/11/21",
            "11/21 10:42:07 start",
            "/usr/1/2", "a/1/2", "1/2/3", "4/3", "1/0", "n/m", "http://host/1/2", "3/4x", "12345678901/12345678902",
        ])
    func others(_ line: String) { #expect(percent(line) == nil) }
}
