import Glibc

// Called by libFuzzer, whose `main` -sanitize=fuzzer links in. FANTAIL_FUZZ names the target, and FANTAIL_FUZZ_SEEDS a
// folder for the target's seeds; with FANTAIL_FUZZ_LIST the targets are listed.

private var names: String { FuzzTarget.all.map(\.name).joined(separator: " ") }

private let target: FuzzTarget = {
    let name = getenv("FANTAIL_FUZZ").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print("FANTAIL_FUZZ must be one of: \(names)")
        exit(2)
    }
    return target
}()

/// Called once, before libFuzzer reads its folders.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
    if getenv("FANTAIL_FUZZ_LIST") != nil {
        print(names)
        exit(0)
    }
    guard let folder = getenv("FANTAIL_FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
    for (index, seed) in target.seeds().enumerated() {
        guard let file = fopen("\(folder)/seed-\(index)", "w") else { fatalError("cannot write into \(folder)") }
        fwrite(seed, 1, seed.count, file)
        fclose(file)
    }
    return 0
}

/// Called with every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
