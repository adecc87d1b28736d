/// The words beside a number, which tell what it counts.
struct Label {
    /// Words of a label that are looked at.
    private static let maxWords = 3
    /// Bytes of a label that are looked at.
    private static let maxBytes = 64

    /// In lower case, the nearest one first.
    private let words: [String]

    /// The words that end where the number begins: `CPU usage: `, `accuracy=`, `memory (`. Those before a bracket are
    /// no label: `PASSED [ 12%]`.
    init(before line: ArraySlice<UInt8>) {
        var rest = line.suffix(Self.maxBytes)
        while let last = rest.last, " \t:=(".utf8.contains(last) { rest = rest.dropLast() }
        var words: [String] = []
        while words.count < Self.maxWords, let last = rest.last, Self.isLetter(last) {
            let count = rest.reversed().prefix(while: Self.isLetter).count
            words.append(String(decoding: rest.suffix(count), as: UTF8.self).lowercased())
            rest = rest.dropLast(count)
            while let last = rest.last, last == 0x20 || last == UInt8(ascii: "_") { rest = rest.dropLast() }
        }
        self.words = words
    }

    /// The words that begin where the number ends: ` CPU`, ` packet loss`.
    init(after line: ArraySlice<UInt8>) {
        var rest = line.prefix(Self.maxBytes).drop { $0 == 0x20 }
        var words: [String] = []
        while words.count < Self.maxWords - 1, let first = rest.first, Self.isLetter(first) {
            let word = rest.prefix(while: Self.isLetter)
            words.append(String(decoding: word, as: UTF8.self).lowercased())
            rest = rest.dropFirst(word.count).drop { $0 == 0x20 }
        }
        self.words = words
    }

    private static func isLetter(_ byte: UInt8) -> Bool { Scanner.isWordCharacter(byte) && byte != UInt8(ascii: "_") }

    /// Whether one of the words names a quantity that is no progress, such as `accuracy`, `CPU` or `left`.
    var namesMeasure: Bool { words.contains(where: Self.measures.contains) }

    /// Whether a percentage behind these words may be progress.
    var mayBePercentage: Bool {
        guard !namesMeasure else { return false }
        // `Writing to disk: 45%`, but not `disk: 45%`.
        return !words.contains(where: Self.things.contains) || words.contains { $0.hasSuffix("ing") }
    }

    /// Whether `n/m` or `n of m` behind these words may be progress: not the third of three attempts, nor one of the
    /// many batches of an epoch.
    var mayBeFraction: Bool { mayBePercentage && !words.contains(where: Self.counts.contains) }

    /// Whether one of the words names what programs do one after the other.
    var namesStep: Bool { words.contains(where: Self.steps.contains) }

    /// Whether one of the words says that something is done.
    var namesDone: Bool { words.contains(where: Self.done.contains) }

    /// Whether one of the words says how something has ended, such as a test.
    var namesOutcome: Bool { words.contains(where: Self.outcomes.contains) }

    /// Whether a word stands there, rather than a number or nothing.
    var isWord: Bool { words.first?.utf8.first.map { !Scanner.isDigit($0) } ?? false }

    private static let measures: Set<String> = [
        "cpu", "cpus", "gpu", "gpus", "tpu", "npu", "core", "cores", "ram", "swap", "vram", "usage", "used", "util",
        "utilization", "utilisation", "idle", "busy", "iowait", "available", "capacity", "free", "full", "acc",
        "accuracy", "top1", "top5", "precision", "recall", "f1", "auc", "iou", "map", "bleu", "loss", "err", "error",
        "errors", "rate", "ratio", "hit", "hits", "miss", "misses", "coverage", "covered", "confidence", "conf",
        "prob", "probability", "score", "similarity", "battery", "brightness", "volume", "humidity", "signal",
        "quality", "opacity", "zoom", "discount", "tax", "growth", "cheaper", "faster", "slower", "smaller", "larger",
        "saved", "savings", "sparsity", "dropout", "jitter", "quota", "threshold", "left", "remaining", "lost",
        "failed", "passed", "skipped", "deflated", "inflated", "stored", "overhead", "kb", "mb", "gb", "kib", "mib",
        "gib",
    ]
    private static let things: Set<String> = [
        "disk", "mem", "memory", "heap", "cache", "load", "pool", "queue", "buffer",
    ]
    private static let counts: Set<String> = [
        "batch", "minibatch", "attempt", "attempts", "try", "tries", "retry", "retries", "rated", "rating", "succeeded",
        "matched", "best", "worst", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "date", "since", "until", "due",
    ]
    private static let steps: Set<String> = [
        "epoch", "step", "file", "frame", "page", "part", "task", "stage", "item", "chunk", "block", "layer", "image",
        "package", "iteration", "iter", "round", "progress", "pass", "phase",
    ]
    private static let done: Set<String> = [
        "done", "complete", "completed", "finished", "processed", "copied", "downloaded", "uploaded",
    ]
    private static let outcomes: Set<String> = ["failed", "skipped", "errors"]
}
