/// A pattern as an automaton, all of whose states advance together through a line (Thompson's construction, with
/// groups as in Pike's): the time is bounded by the steps times the characters.
struct PatternAutomaton: Sendable {
    private enum Step: Sendable {
        case one(ScalarSet)
        /// Goes on at both; the first is preferred.
        case fork(Int, Int)
        case jump(Int)
        /// Keeps the position: of a group's beginning (even) or end.
        case keep(Int)
        case lineStart, lineEnd
        case wordBoundary(Bool)
        case match
    }

    private var steps: [Step] = []
    private let groups: Int
    private let ignoresCase: Bool

    init(_ node: PatternNode, groups: Int, ignoresCase: Bool) throws(PatternFault) {
        self.groups = groups
        self.ignoresCase = ignoresCase
        try add(node)
        try add(.match)
    }

    // MARK: Making

    private mutating func add(_ step: Step) throws(PatternFault) {
        guard steps.count < LinePattern.maxSteps else {
            throw PatternFault(column: 1, "too large: its counts make more than \(LinePattern.maxSteps) steps")
        }
        steps.append(step)
    }

    private mutating func add(_ node: PatternNode) throws(PatternFault) {
        switch node {
        case .empty: break
        case .set(let set): try add(.one(set))
        case .lineStart: try add(Step.lineStart)
        case .lineEnd: try add(Step.lineEnd)
        case .wordBoundary(let isOne): try add(Step.wordBoundary(isOne))
        case .sequence(let parts): for part in parts { try add(part) }
        case .choice(let branches): try add(choiceOf: branches[...])
        case .group(let number, let inner):
            try add(.keep(2 * number))
            try add(inner)
            try add(.keep(2 * number + 1))
        case .repeated(let inner, let least, let most, let isLazy):
            for _ in 0..<least {
                let before = steps.count
                try add(inner)
                // Nothing to repeat: counts within counts would be counted through, which takes for ever.
                if steps.count == before { break }
            }
            if let most {
                try add(optional: inner, upTo: most - least, isLazy)
            } else {
                try add(loop: inner, isLazy)
            }
        }
    }

    private mutating func add(choiceOf branches: ArraySlice<PatternNode>) throws(PatternFault) {
        guard let first = branches.first else { return }
        guard branches.count > 1 else { return try add(first) }
        let fork = steps.count
        try add(.fork(0, 0))
        try add(first)
        let jump = steps.count
        try add(.jump(0))
        steps[fork] = .fork(fork + 1, steps.count)
        try add(choiceOf: branches.dropFirst())
        steps[jump] = .jump(steps.count)
    }

    private mutating func add(loop inner: PatternNode, _ isLazy: Bool) throws(PatternFault) {
        let fork = steps.count
        try add(.fork(0, 0))
        try add(inner)
        try add(.jump(fork))
        steps[fork] = isLazy ? .fork(steps.count, fork + 1) : .fork(fork + 1, steps.count)
    }

    private mutating func add(optional inner: PatternNode, upTo count: Int, _ isLazy: Bool) throws(PatternFault) {
        var forks: [Int] = []
        for _ in 0..<count {
            forks.append(steps.count)
            try add(.fork(0, 0))
            try add(inner)
        }
        for fork in forks { steps[fork] = isLazy ? .fork(steps.count, fork + 1) : .fork(fork + 1, steps.count) }
    }

    // MARK: Matching

    /// A state of the automaton, and the kept positions on the way to it.
    private struct Thread {
        let step: Int
        let kept: [Int]
    }

    /// States in the order of preference, each once.
    private struct Threads {
        var list: [Thread] = []
        private var isIn: [Bool]

        init(steps: Int) { isIn = Array(repeating: false, count: steps) }

        mutating func insert(_ step: Int) -> Bool {
            defer { isIn[step] = true }
            return !isIn[step]
        }
    }

    /// The groups of the first match in a line, nil for one that took no part; nil where there is no match. Of several
    /// matches at one place the preferred one counts.
    func firstMatch(in text: [Unicode.Scalar]) -> [Range<Int>?]? {
        var current = Threads(steps: steps.count)
        var found: [Int]?
        for position in 0...text.count {
            // A match that begins later counts only where none has begun.
            if found == nil { follow(0, Array(repeating: -1, count: 2 * groups), &current, text, position) }
            var next = Threads(steps: steps.count)
            for thread in current.list {
                if case .match = steps[thread.step] {
                    found = thread.kept
                    break
                }
                guard position < text.count, case .one(let set) = steps[thread.step] else { continue }
                guard ignoresCase ? set.containsIgnoringCase(text[position]) : set.contains(text[position]) else {
                    continue
                }
                follow(thread.step + 1, thread.kept, &next, text, position + 1)
            }
            current = next
            if found != nil, current.list.isEmpty { break }
        }
        return found.map { kept in
            (0..<groups).map { kept[2 * $0] < 0 || kept[2 * $0 + 1] < 0 ? nil : kept[2 * $0]..<kept[2 * $0 + 1] }
        }
    }

    /// Adds the states that are reached from `step` without a character.
    private func follow(
        _ first: Int, _ kept: [Int], _ threads: inout Threads, _ text: [Unicode.Scalar], _ position: Int
    ) {
        var open = [Thread(step: first, kept: kept)]
        while let thread = open.popLast() {
            guard threads.insert(thread.step) else { continue }
            let after = Thread(step: thread.step + 1, kept: thread.kept)
            switch steps[thread.step] {
            case .jump(let target): open.append(Thread(step: target, kept: thread.kept))
            case .fork(let preferred, let other):
                open.append(Thread(step: other, kept: thread.kept))
                open.append(Thread(step: preferred, kept: thread.kept))
            case .keep(let slot):
                var kept = thread.kept
                kept[slot] = position
                open.append(Thread(step: thread.step + 1, kept: kept))
            case .lineStart: if position == 0 { open.append(after) }
            case .lineEnd: if position == text.count { open.append(after) }
            case .wordBoundary(let isOne): if Self.isBoundary(text, position) == isOne { open.append(after) }
            case .one, .match: threads.list.append(thread)
            }
        }
    }

    private static func isBoundary(_ text: [Unicode.Scalar], _ position: Int) -> Bool {
        let before = position > 0 && ScalarSet.words.contains(text[position - 1])
        let after = position < text.count && ScalarSet.words.contains(text[position])
        return before != after
    }
}
