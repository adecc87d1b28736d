public import Events

/// Subscribes, and reads what the loop did not hear: at first, after a gap, after an outage.
extension ChannelState {
    /// Of no epoch: every epoch comes after it.
    private static let beforeTheFirst = Position(epoch: "", sequence: 0)

    /// Redis confirmed the subscription: the loop hears every message published from now on.
    public mutating func didSubscribe(hasMembers: Bool) -> ChannelEffects {
        isRefused = false
        sync.didSubscribe()
        guard name.isPersonal else { return ChannelEffects(.read) }
        // Redis keeps no messages to people.
        _ = sync.didRead(ChannelSync.Answer(since: nil, top: nil))
        var effects = ChannelEffects(.letIn)
        // No count includes the announcements that this loop did not hear.
        if name == .everyone, hasMembers { effects.append(.announcementsMissed) }
        effects.append(.flush)
        return effects
    }

    /// The subscription is lost. A read under way was sent before the next one. `now` is in milliseconds since 1970.
    public mutating func didDisconnect(at now: Int64, using resources: ChannelResources) -> ChannelEffects {
        lastQuestion += 1
        return tellPlain(sync.didDisconnect(), at: now, using: resources)
    }

    /// The loop may have missed messages, and hears every message that is published from now on.
    public mutating func didCheck() -> ChannelEffects {
        !name.isPersonal && sync.didCheck() ? ChannelEffects(.read) : ChannelEffects()
    }

    /// Tells events without a number that waited in vain.
    private mutating func tellPlain(
        _ waiting: [ChannelSync.Waiting], at now: Int64, using resources: ChannelResources
    ) -> ChannelEffects {
        var effects = ChannelEffects()
        for message in waiting {
            _ = message.payload.withUnsafeBytes {
                tell(Envelope.read($0), $0, from: .wire, at: now, using: resources, &effects)
            }
        }
        if !waiting.isEmpty { effects.append(.flush) }
        return effects
    }

    /// Redis does not let this node subscribe. The next viewer makes the loop try again.
    public mutating func didRefuse(hasMembers: Bool) -> ChannelEffects {
        isRefused = true
        var effects = ChannelEffects(.refuseWaiting)
        if !hasMembers { effects.append(.close) }
        return effects
    }

    /// Redis takes commands again: the loop asks what it could not ask before.
    public func commandsAreReady() -> ChannelEffects { sync.isReading ? ChannelEffects(.read) : ChannelEffects() }

    /// Redis says that the channel stands at `stored`. Where the loop is behind, or Redis lost its data, no later
    /// message might reveal it.
    public mutating func compare(with stored: Position?) -> ChannelEffects {
        guard sync.isLive else { return ChannelEffects() }
        let isBehind = stored?.sequence ?? 0 > sync.position?.sequence ?? 0
        guard stored?.epoch != sync.position?.epoch || isBehind else { return ChannelEffects() }
        var effects = ChannelEffects(.countBehind)
        effects.append(look())
        return effects
    }

    /// Events are missing: messages from now on wait for a read.
    mutating func look() -> ChannelEffect {
        sync.willCheck()
        return .read
    }

    // MARK: Asking

    /// Asks for the events after the channel's position, with a pause between reads. `now` is in milliseconds of the
    /// loop.
    public mutating func read(at now: UInt64, hasMembers: Bool, using resources: ChannelResources) -> ChannelEffects {
        let next = lastAsked + resources.limits.repairMilliseconds
        guard lastAsked == 0 || now >= next else { return ChannelEffects(.begin(.retry, next - now)) }
        return ask(at: now, hasMembers: hasMembers)
    }

    /// Reads the next portion of a history: at once where all viewers have taken most of the last one, else a little
    /// later. Viewers that are behind by then are set aside, so slow viewers do not delay the others.
    public mutating func readOn(
        viewersAreBehind: Bool, at now: UInt64, hasMembers: Bool, using resources: ChannelResources
    ) -> ChannelEffects {
        guard !viewersAreBehind else {
            return ChannelEffects(.begin(.retry, resources.limits.repairMilliseconds))
        }
        return ask(at: now, hasMembers: hasMembers)
    }

    private mutating func ask(at now: UInt64, hasMembers: Bool) -> ChannelEffects {
        lastAsked = now
        lastQuestion += 1
        sync.willReadAgain()
        // The viewers of a channel without events know that it has none: every event by now is new to them.
        let since = sync.position ?? (hasMembers ? Self.beforeTheFirst : nil)
        return ChannelEffects(.ask(ChannelQuestion(number: lastQuestion, since: since)))
    }

    /// Redis did not answer. `isAway`: Redis takes no commands, and ``commandsAreReady()`` follows. `now` is in milliseconds
    /// since 1970.
    public mutating func didFail(
        _ question: ChannelQuestion, isAway: Bool, at now: Int64, using resources: ChannelResources
    ) -> ChannelEffects {
        guard question.number == lastQuestion, sync.isReading else { return ChannelEffects() }
        var effects = tellPlain(sync.didFail(), at: now, using: resources)
        if !isAway { effects.append(.begin(.retry, resources.limits.repairMilliseconds)) }
        return effects
    }

    // MARK: The answer

    /// Redis answered. `now` is in milliseconds since 1970.
    public mutating func didRead(
        _ answer: ChannelAnswer, to question: ChannelQuestion, at now: Int64, using resources: ChannelResources
    ) -> ChannelEffects {
        var effects = ChannelEffects()
        guard question.number == lastQuestion, sync.isReading else { return effects }
        let known = sync.position
        let owed = sync.owed
        if answer.top != nil { learn(owner: answer.owner, &effects) } else { ownerIsLost = true }
        let places = answer.entries.map { $0.withUnsafeBytes { Envelope.read($0).position } }
        let found = sync.didRead(ChannelSync.Answer(since: question.since, top: answer.top, entries: places))
        if known != answer.top { setAside(from: known, in: answer.top?.epoch, owed, &effects) }
        tell(found, answer, known, at: now, using: resources, &effects)
        effects.append(.flush)
        if found.isPart {
            effects.append(.readOn)
        } else {
            goOn(found, answer, isNews: known != answer.top, at: now, using: resources, &effects)
        }
        return effects
    }

    /// Sets members aside that are behind, instead of sending them the read at once: it may be large, and one
    /// connection may be a member of many channels that are read at once.
    private func setAside(
        from known: Position?, in epoch: String?, _ owed: ChannelSync.Owed, _ effects: inout ChannelEffects
    ) {
        guard let epoch, !name.isPersonal else { return }
        effects.append(
            .setAside(
                ChannelEffect.SetAside(
                    since: known ?? Position(epoch: epoch, sequence: 0), toldEpoch: toldEpoch ?? "", owed: owed)))
    }

    private mutating func tell(
        _ found: ChannelSync.Found, _ answer: ChannelAnswer, _ known: Position?, at now: Int64,
        using resources: ChannelResources, _ effects: inout ChannelEffects
    ) {
        switch found.start {
        case .nothing: if known != nil { reset() }
        case .anew:
            // First the state from before the epoch, then its events.
            reset()
            if answer.stateIsOlder {
                restore(answer, using: resources, &effects)
                tellSnapshot(at: 0, &effects)
            }
        case .goesOn:
            // The channel stands further back than the loop delivered: the loop's newer messages are none of its.
            if let known, let top = answer.top, known.sequence > top.sequence { recent = nil }
        case .place: break
        }
        tellSteps(of: found, answer.entries, at: now, using: resources, &effects)
        if !found.steps.isEmpty || found.start == .anew, !found.isPart, sync.position == answer.top {
            // Redis knows more than the history's entries say, and what was known before an epoch began.
            knowledge = resources.reader.knowledge(in: answer, of: name)
        }
        guard found.endsWithState else { return }
        restore(answer, using: resources, &effects)
        tellSnapshot(at: answer.top?.sequence, &effects)
    }

    private mutating func tellSteps(
        of found: ChannelSync.Found, _ entries: [[UInt8]], at now: Int64, using resources: ChannelResources,
        _ effects: inout ChannelEffects
    ) {
        for step in found.steps {
            sync.owe(step.missed)
            let payload =
                switch step.item {
                case .entry(let index): entries[index]
                case .waiting(let message): message.payload
                }
            payload.withUnsafeBytes {
                _ = tell(Envelope.read($0), $0, from: .read, at: now, using: resources, &effects)
            }
        }
        sync.owe(found.missedAtEnd)
    }

    /// The read is told: now the messages that arrived meanwhile, then the viewers that wait.
    private mutating func goOn(
        _ found: ChannelSync.Found, _ answer: ChannelAnswer, isNews: Bool, at now: Int64,
        using resources: ChannelResources, _ effects: inout ChannelEffects
    ) {
        let bytes = found.waiting.reduce(0) { $0 + $1.payload.count }
        if bytes > resources.limits.setAsideBytes {
            setAside(from: sync.position, in: answer.top?.epoch, sync.owed, &effects)
        }
        var isNews = isNews
        for message in found.waiting where sync.admit(message) == .deliver {
            let saysNews = message.payload.withUnsafeBytes {
                tell(Envelope.read($0), $0, from: .waiting, at: now, using: resources, &effects)
            }
            isNews = isNews || saysNews
        }
        if isNews { effects.append(.answerQuestions) }
        // The next message says what was missed, or a message of its own where none comes soon.
        if sync.owed.missed > 0 { effects.append(.begin(.missed, resources.limits.missedMilliseconds)) }
        // Checks may come one after the other: between two reads viewers are let in.
        if sync.isCheckDue { effects.append(.begin(.retry, resources.limits.repairMilliseconds)) }
        // Otherwise more messages arrived meanwhile than the loop could keep, or some were missed.
        effects.append(sync.isLive ? .letIn : .read)
        effects.append(.flush)
    }
}
