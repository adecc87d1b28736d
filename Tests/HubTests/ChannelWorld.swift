import Dialects
import Events
import JSON

@testable import Hub

/// A minimal Redis with one channel: it folds published events into a state, and keeps the newest.
struct StoredChannel {
    private(set) var epoch = 1
    private(set) var top: UInt64 = 0
    private(set) var knowledge = TaskKnowledge()
    private(set) var state: [UInt8]?
    private(set) var owner: String?
    private(set) var history: [(number: UInt64, envelope: [UInt8])] = []
    private var stateEpoch = 0
    private let historyLimit: Int
    private let portion: Int
    private let reader = EventReader(maxBytes: 65_536, maxDepth: 64)

    init(random: inout SplitMix) {
        historyLimit = Int(random.next() % 12)
        portion = 1 + Int(random.next() % 5)
    }

    var position: Position? { top == 0 && epoch == 1 ? nil : Position(epoch: "e\(epoch)", sequence: top) }

    /// Publishes an event; returns the subscribers' message. Nil where the task has ended.
    mutating func publish(_ json: String) -> [UInt8]? {
        let event = try! reader.event(Array(json.utf8), on: .task(Identifier("t")!))
        guard !knowledge.hasEnded || event.isRestart || !event.isAboutTask else { return nil }
        top += 1
        knowledge.apply(event, isFirst: top == 1)
        if event.isStateBearing {
            state = Array(json.utf8)
            stateEpoch = epoch
        }
        if owner == nil { owner = event.owner?.text }
        let heard = Array(numbered(top, "e\(epoch)", json).utf8)
        history.append((top, kept(json)))
        if history.count > historyLimit { history.removeFirst(history.count - historyLimit) }
        return heard
    }

    /// The event with what is known by now, as the history has it.
    private func kept(_ json: String) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        if let stage = knowledge.currentStage { writer.string(stage) }
        let stages = String(decoding: knowledge.completedStagesJSON, as: UTF8.self)
        let known = [
            knowledge.progress ?? "", knowledge.status ?? "", String(decoding: writer.bytes, as: UTF8.self), stages,
        ]
        return Array("\u{1}ft1:e\(epoch):\(top):1000:=\(known.joined(separator: "\t"))\n\(json)".utf8)
    }

    /// Another Redis begins with the state, and an empty history.
    mutating func beginEpoch() { (epoch, top, history) = (epoch + 1, 0, []) }

    /// The answer to a read after `since`.
    func answer(since: Position?) -> ChannelAnswer {
        guard let position else { return .unpublished }
        var answer = ChannelAnswer.unpublished
        answer.top = position
        answer.state = state
        answer.stateIsOlder = stateEpoch != epoch
        answer.hasEnded = knowledge.hasEnded
        answer.owner = owner
        answer.known.status = knowledge.status.map { Array($0.utf8) }
        answer.known.progress = knowledge.progress.map { Array($0.utf8) }
        answer.known.currentStage = knowledge.currentStage.map { Array($0.utf8) }
        answer.known.completedStages = knowledge.completedStagesJSON
        guard let since else { return answer }
        let start = since.epoch == position.epoch ? since.sequence : 0
        answer.entries = Array(history.filter { $0.number > start }.prefix(portion).map(\.envelope))
        return answer
    }
}

/// A viewer that checks its messages: every number once, upwards, or counted as missed, or a state.
struct CheckingViewer {
    /// The last number that it was told, or told to have missed.
    private(set) var last: Position?
    /// The errors, after the earlier messages.
    private(set) var faults: [String] = []
    private var log: [String] = []
    private var isEntering = false
    var isBehind = false

    /// The viewer names its position.
    mutating func comes(from since: Position?) {
        last = since
        log.append("from \(since?.short ?? "nowhere")")
    }

    mutating func greet(at position: Position?, recovered: Bool?, isReplay: Bool) {
        isEntering = !isReplay
        log.append("greeted at \(position?.short ?? "nothing")")
        if !isReplay { last = position }
    }

    mutating func tell(_ delivery: Delivery, _ stored: StoredChannel) {
        log.append("\(delivery.position?.epoch ?? "") \(delivery.short)")
        guard let place = delivery.position else { return }
        let (last, isEntering, missed) = (last, isEntering, delivery.missed)
        (self.last, self.isEntering) = (place, false)
        if delivery.isSnapshot {
            guard !isEntering, let last, last.epoch == place.epoch else { return }
            check(last.sequence + missed == place.sequence, "state at \(place) after \(last), \(missed) missed")
        } else {
            let isKnown = last?.epoch == place.epoch
            let start = isKnown ? last?.sequence ?? 0 : 0
            check(isKnown || delivery.epochMark != .none, "\(place) does not mark its epoch")
            check(start + missed + 1 == place.sequence, "\(place) after \(start), \(missed) missed")
            check(missed: missed, after: start, place.epoch, stored)
        }
    }

    mutating func tellMissed(_ count: UInt64, _ position: Position, _ stored: StoredChannel) {
        log.append("missed \(count) to \(position.short)")
        let start = last?.epoch == position.epoch ? last?.sequence ?? 0 : 0
        check(start + count == position.sequence, "\(count) missed to \(position) after \(start)")
        check(missed: count, after: start, position.epoch, stored)
        last = position
    }

    /// Events that count as missed must be lost.
    private mutating func check(missed count: UInt64, after start: UInt64, _ epoch: String, _ stored: StoredChannel) {
        guard count > 0, epoch == "e\(stored.epoch)" else { return }
        let isKept = stored.history.contains { $0.number > start && $0.number <= start + count }
        check(!isKept, "\(count) after \(start) counted as missed, and some are kept")
    }

    private mutating func check(_ isTrue: Bool, _ fault: String) {
        if !isTrue { faults.append(fault + " (\(log.joined(separator: "; ")))") }
    }
}

extension Position {
    /// The position in short words.
    var short: String { "\(epoch):\(sequence)" }
}

/// A loop that performs one channel's decisions: with a wire from Redis, timers, members, and viewers that wait.
struct ChannelWorld {
    private enum Cause { case channel, connection, history(after: Position) }

    private var stored: StoredChannel
    private var channel = ChannelState(name: .task(Identifier("t")!))
    private let resources = ChannelResources(
        reader: EventReader(maxBytes: 65_536, maxDepth: 64), memory: RecentMemory(maxBytes: 2_000),
        limits: ChannelLimits(setAsideBytes: 200, replayBytes: 400))
    private var wire: [[UInt8]] = []
    private var heard: [[UInt8]] = []
    private var isAlive = false
    private var question: ChannelQuestion?
    private var answer: ChannelAnswer?
    private var timers: [ChannelTimer: UInt64] = [:]
    private var now: UInt64 = 1
    private var viewers: [CheckingViewer] = []
    private var members: [Int] = []
    private var waiting: [(viewer: Int, newcomer: Newcomer, cause: Cause)] = []
    private(set) var closes = 0

    init(random: inout SplitMix) { stored = StoredChannel(random: &random) }

    private var isUnwatched: Bool { members.isEmpty && waiting.isEmpty }

    // MARK: What may happen

    mutating func act(_ random: inout SplitMix) {
        switch random.next() % 24 {
        case 0 where random.next() % 3 == 0: disconnect()
        case 1, 2: subscribe()
        case 3, 4: processRead()
        case 5, 6, 7: answerRead()
        case 8: if !wire.isEmpty { wire.removeFirst() }
        case 9 where random.next() % 10 == 0: stored.beginEpoch()
        case 10: random.next() % 2 == 0 ? compare() : check()
        case 11: disturb(&random)
        case 12, 13: join(&random)
        case 14: leave(&random)
        case 15: catchUp(&random)
        case 16, 17: pass(milliseconds: random.next() % 150)
        case 18, 19, 20: publish(&random)
        default: hear()
        }
    }

    /// Lets everything settle: no message is lost any more, and every viewer reads.
    mutating func settle() {
        subscribe()
        for index in viewers.indices { viewers[index].isBehind = false }
        for round in 0..<200 {
            while !wire.isEmpty { hear() }
            if round == 20 { compare() }
            processRead()
            answerRead()
            letInPaced { _ in true }
            pass(milliseconds: 500)
        }
    }

    /// The errors once everything has settled.
    var faults: [String] {
        var faults = viewers.flatMap(\.faults)
        guard !isUnwatched else { return faults }
        if !channel.sync.isLive { faults.append("never live") }
        if !waiting.isEmpty { faults.append("\(waiting) wait for ever") }
        for index in members where viewers[index].last != stored.position {
            faults.append(
                "a viewer was told up to \(String(describing: viewers[index].last)), not \(stored.position as Any)")
        }
        if channel.sync.position != stored.position { faults.append("stands elsewhere") }
        guard stored.position != nil else { return faults }
        let (known, right) = (channel.knowledge, stored.knowledge)
        if known.status != right.status || known.progress != right.progress || known.hasEnded != right.hasEnded
            || known.currentStage != right.currentStage || known.completedStages != right.completedStages
        {
            faults.append("knows \(known), not \(right)")
        }
        if channel.owner != stored.owner { faults.append("owner \(channel.owner as Any), not \(stored.owner as Any)") }
        if channel.snapshot.map({ $0.event.object.bytes }) != stored.state { faults.append("another state") }
        return faults
    }

    // MARK: Redis

    private mutating func publish(_ random: inout SplitMix) {
        let number = random.next() % 100
        let json =
            switch random.next() % 12 {
            case 0: #"{"type":"stage","stage":"s\#(number % 5)","nextStage":"s\#(number % 5 + 1)"}"#
            case 1: #"{"type":"note","text":"\#(number)"}"#
            case 2: #"{"type":"completed","result":{"videoUrl":"\#(number)"}}"#
            case 3: #"{"type":"failed","error":{"retryable":true}}"#
            case 4: #"{"type":"progress","progress":0,"restart":true}"#
            case 5: #"{"type":"progress","progress":\#(number),"owner":"u\#(number % 2)"}"#
            default: #"{"type":"progress","progress":\#(number),"status":"PROCESSING"}"#
            }
        guard let envelope = stored.publish(json), isAlive else { return }
        wire.append(envelope)
    }

    /// A message comes again, or one that was never published.
    private mutating func disturb(_ random: inout SplitMix) {
        guard isAlive else { return }
        switch random.next() % 5 {
        case 0: wire.append(Array(numbered(stored.top + 1_000 + random.next() % 9, "e\(stored.epoch)").utf8))
        case 1: wire.append(Array(numbered(1 + random.next() % 9, "f\(random.next() % 3)").utf8))
        case 2: wire.append(Array("\u{1}ft1:e1:x\n{}".utf8))
        case 3: wire.append(Array(#"{"type":"note"}"#.utf8))
        default: if let old = heard.randomElement(using: &random) { wire.append(old) }
        }
    }

    private mutating func hear() {
        guard isAlive, !wire.isEmpty else { return }
        let payload = wire.removeFirst()
        heard.append(payload)
        perform(payload.withUnsafeBytes { channel.receive($0, at: 7, using: resources) })
    }

    private mutating func subscribe() {
        guard !isAlive, !isUnwatched else { return }
        isAlive = true
        perform(channel.didSubscribe(hasMembers: !members.isEmpty))
    }

    private mutating func disconnect() {
        (isAlive, wire) = (false, [])
        perform(channel.didDisconnect(at: 7, using: resources))
    }

    private mutating func compare() {
        if isAlive { perform(channel.compare(with: stored.position)) }
    }

    private mutating func check() { if isAlive { perform(channel.didCheck()) } }

    /// Redis answers the question.
    private mutating func processRead() {
        if let question, answer == nil { answer = stored.answer(since: question.since) }
    }

    private mutating func answerRead() {
        readHistories()
        guard let answer, let question else { return }
        (self.answer, self.question) = (nil, nil)
        perform(channel.didRead(answer, to: question, at: 7, using: resources))
    }

    private mutating func pass(milliseconds: UInt64) {
        now += milliseconds
        for timer in ChannelTimer.allCases {
            guard let due = timers[timer], due <= now else { continue }
            timers[timer] = nil
            perform(channel.isDue(timer, isUnwatched: isUnwatched))
        }
    }

    // MARK: Viewers

    private mutating func join(_ random: inout SplitMix) {
        guard members.count + waiting.count < 6 else { return }
        var since: Position?
        switch random.next() % 4 {
        case 0: since = Position(epoch: "e\(stored.epoch)", sequence: random.next() % (stored.top + 1))
        case 1: since = Position(epoch: "e0", sequence: random.next() % 9)
        default: break
        }
        viewers.append(CheckingViewer())
        viewers[viewers.count - 1].comes(from: since)
        perform(channel.willJoin())
        admit(viewers.count - 1, Newcomer(since: since))
    }

    private mutating func leave(_ random: inout SplitMix) {
        guard !isUnwatched else { return }
        let place = Int(random.next() % UInt64(members.count + waiting.count))
        if place < members.count { members.remove(at: place) } else { waiting.remove(at: place - members.count) }
        perform(channel.didLeave(isUnwatched: isUnwatched, using: resources))
    }

    private mutating func catchUp(_ random: inout SplitMix) {
        guard let index = viewers.indices.randomElement(using: &random) else { return }
        viewers[index].isBehind.toggle()
        let caughtUp = viewers.indices.filter { !viewers[$0].isBehind }
        letInPaced { caughtUp.contains($0) }
    }

    private mutating func letInPaced(where isMeant: (Int) -> Bool) {
        let turn = waiting.filter { if case .connection = $0.cause { isMeant($0.viewer) } else { false } }
        waiting.removeAll { if case .connection = $0.cause { isMeant($0.viewer) } else { false } }
        for (viewer, newcomer, _) in turn {
            perform(channel.comeIn(newcomer), viewer, newcomer)
        }
    }

    private mutating func readHistories() {
        let turn = waiting.filter { if case .history = $0.cause { true } else { false } }
        waiting.removeAll { if case .history = $0.cause { true } else { false } }
        for (viewer, newcomer, cause) in turn {
            guard case .history(let since) = cause else { continue }
            let entrance = channel.didReadHistory(stored.answer(since: since), after: since, using: resources)
            perform(entrance, viewer, newcomer)
        }
    }

    private mutating func admit(_ viewer: Int, _ newcomer: Newcomer) {
        perform(channel.admit(newcomer, isBehind: viewers[viewer].isBehind), viewer, newcomer)
    }

    private mutating func perform(_ entrance: ChannelState.Entrance, _ viewer: Int, _ newcomer: Newcomer) {
        switch entrance {
        case .wait: waiting.append((viewer, newcomer, .channel))
        case .pace: waiting.append((viewer, newcomer, .connection))
        case .enter(let recovered):
            if !newcomer.isReturning {
                viewers[viewer].greet(at: channel.sync.position, recovered: recovered, isReplay: false)
            }
            finish(viewer, newcomer, withState: true)
        case .replay(let messages, let reach): replay(messages, reach, viewer, newcomer)
        case .readHistory(let since), .readHistoryLater(let since):
            waiting.append((viewer, newcomer, .history(after: since)))
        case .askAgain:
            waiting.append((viewer, newcomer, .channel))
            perform(channel.askAgain())
        case .refuse: viewers[viewer].comes(from: nil)
        }
    }

    private mutating func replay(
        _ messages: [RecentEvents.Message], _ reach: Position, _ viewer: Int, _ newcomer: Newcomer
    ) {
        var newcomer = newcomer
        let replay = channel.replay(messages, upTo: reach, to: &newcomer, at: 7, using: resources)
        if let recovered = replay.recovered {
            viewers[viewer].greet(at: channel.sync.position, recovered: recovered, isReplay: true)
        }
        for delivery in replay.deliveries { viewers[viewer].tell(delivery, stored) }
        switch replay.next {
        case .finish: finish(viewer, newcomer, withState: false)
        case .pace: waiting.append((viewer, newcomer, .connection))
        case .askAgain: perform(.askAgain, viewer, newcomer)
        }
    }

    private mutating func finish(_ viewer: Int, _ newcomer: Newcomer, withState: Bool) {
        switch channel.lastWords(for: newcomer, withState: withState) {
        case .delivery(let delivery): viewers[viewer].tell(delivery, stored)
        case .missed(_, let count, let position): viewers[viewer].tellMissed(count, position, stored)
        default: break
        }
        perform(channel.willSeat(newcomer, isFirst: members.isEmpty))
        members.append(viewer)
    }

    // MARK: Effects

    private mutating func perform(_ effects: ChannelEffects) {
        var all: [ChannelEffect] = []
        effects.forEach { all.append($0) }
        for effect in all { perform(effect) }
    }

    private mutating func perform(_ effect: ChannelEffect) {
        switch effect {
        case .tell(let delivery), .tellNews(let delivery):
            for member in members { viewers[member].tell(delivery, stored) }
        case .tellMissed(let count, let position):
            for member in members { viewers[member].tellMissed(count, position, stored) }
        case .setAside(let place): setAside(place)
        case .letIn:
            let turn = waiting.filter { if case .channel = $0.cause { true } else { false } }
            waiting.removeAll { if case .channel = $0.cause { true } else { false } }
            for (viewer, newcomer, _) in turn { admit(viewer, newcomer) }
        case .read: perform(channel.read(at: now, hasMembers: !members.isEmpty, using: resources))
        case .readOn:
            let areBehind = members.contains { viewers[$0].isBehind }
            perform(
                channel.readOn(
                    viewersAreBehind: areBehind, at: now, hasMembers: !members.isEmpty, using: resources))
        case .ask(let question):
            (self.question, answer, timers[.retry]) = (question, nil, nil)
        case .begin(let timer, let milliseconds): timers[timer] = now + milliseconds
        case .cancel(let timer): timers[timer] = nil
        case .close: close()
        case .answerQuestions, .expectAcknowledgements, .putOutStrangers, .refuseWaiting, .flush, .count, .countBehind,
            .announcementsMissed:
            break
        }
    }

    private mutating func setAside(_ place: ChannelEffect.SetAside) {
        for member in members where viewers[member].isBehind {
            waiting.append((member, Newcomer(place), .connection))
        }
        members.removeAll { viewers[$0].isBehind }
    }

    /// The next viewer opens the channel anew.
    private mutating func close() {
        closes += 1
        channel = ChannelState(name: channel.name)
        (isAlive, wire, question, answer, timers) = (false, [], nil, nil, [:])
    }
}
