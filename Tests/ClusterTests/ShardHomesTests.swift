import RESP
import Testing

@testable import Cluster

@Suite("Where sharded channels are heard")
struct ShardHomesTests {
    private let a = Address.tcp(host: "m", port: 1)
    private let b = Address.tcp(host: "m", port: 2)

    @Test("at the master of their slot, each once, until nobody wants them")
    func life() {
        var homes = ShardHomes()
        #expect(homes.want("task:x", home: nil) == [] && homes.wantedSlots == [HashSlot.of("task:x")])
        #expect(homes.adopt(a, of: HashSlot.of("task:x")) == [.subscribe("task:x", at: a)])
        #expect(homes.adopt(a, of: HashSlot.of("task:nobody")) == [] && homes.wantedSlots.count == 1)
        #expect(homes.want("task:x", home: a) == [] && homes.check(HashSlot.of("task:x")) == [])
        #expect(homes.confirm("task:x", at: a) == [.tellHeard("task:x")])
        #expect(homes.check(HashSlot.of("task:x")) == [.tellChecked("task:x")])
        #expect(homes.areSettled(HashSlot.of("task:x"), at: a) && !homes.areSettled(HashSlot.of("task:x"), at: b))
        #expect(homes.drop("task:x") == [.unsubscribe("task:x", at: a)])
        #expect(homes.wantedSlots == [] && homes.drop("task:x") == [] && homes.confirm("task:x", at: a) == [])
    }

    @Test("slot by slot: what happens to one slot, or at one master, touches no other")
    func apart() {
        var homes = ShardHomes()
        let names = ["task:{1}a", "task:{1}b", "task:{2}a"]
        for name in names { _ = homes.want(name, home: name.contains("1") ? a : b) }
        for name in names { _ = homes.confirm(name, at: name.contains("1") ? a : b) }
        #expect(homes.channels(of: HashSlot.of("{1}")) == ["task:{1}a", "task:{1}b"])
        #expect(homes.lose(at: b) == [.tellLost("task:{2}a")])
        #expect(Set(homes.adopt(b, of: HashSlot.of("{1}")).map { "\($0)" }).count == 2)
        #expect(homes.end("task:{1}a", at: a, isCovered: true) == [])
        #expect(homes.loseCover(of: HashSlot.of("{1}")) == [.tellLost("task:{1}a")])
        #expect(homes.turnAway("task:{1}b", at: b) == [.doubtMap])
    }

    /// Any number of changes, in any order; then the world is left alone.
    @Test("at the master of their slot in the end, and nowhere else, whatever has happened", arguments: 0..<200)
    func drip(run: UInt64) {
        var random = SplitMix(seed: run)
        var world = World()
        for _ in 0..<400 { world.step(&random) }
        world.settle()
        #expect(world.problem == nil, "seed \(run)")
    }
}

/// Masters that give slots away, die and come back; connections that answer late, in order; and what the loop was told.
private struct World {
    private enum Command { case subscribe(String), unsubscribe(String) }

    private static let masters = (1...3).map { Address.tcp(host: "m", port: $0) }
    private static let channels = (0..<12).map { "task:{\($0 % 5)}\($0)" }

    private var homes = ShardHomes()
    private var wanted: Set<String> = []
    private var owners: [HashSlot: Address] = [:]
    /// What the loop takes for the owners.
    private var map: [HashSlot: Address] = [:]
    /// Slots whose channels were turned away: the loop tries again, whether the map has changed or not.
    private var strays: Set<HashSlot> = []
    private var sent: [Address: [Command]] = [:]
    private var subscribed: [Address: Set<String>] = [:]
    /// What each connection wants, and asks for again after a loss.
    private var asked: [Address: Set<String>] = [:]
    private var heard: Set<String> = []
    private(set) var problem: String?

    init() {
        for channel in Self.channels { owners[HashSlot.of(channel)] = Self.masters[0] }
        map = owners
    }

    mutating func step(_ random: inout SplitMix) {
        let channel = Self.channels.randomElement(using: &random)!
        let (master, slot) = (Self.masters.randomElement(using: &random)!, HashSlot.of(channel))
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1:
            if wanted.insert(channel).inserted { perform(homes.want(channel, home: map[slot])) }
        case 2:
            wanted.remove(channel)
            heard.remove(channel)
            perform(homes.drop(channel))
        case 3: give(slot, to: master, isCovered: Bool.random(using: &random))
        case 4: refresh()
        case 5: lose(master)
        case 6: perform(homes.loseCover(of: slot))
        // A replica of the owner takes subscriptions, too: the map may name it for a while.
        case 7:
            map[slot] = Bool.random(using: &random) ? master : nil
            perform(homes.adopt(map[slot], of: slot))
        default: answer(master)
        }
    }

    /// All answers come, and the map is right.
    mutating func settle() {
        for _ in 0..<20 {
            refresh()
            for slot in owners.keys { perform(homes.loseCover(of: slot)) }
            for master in Self.masters { while answer(master) {} }
        }
        for channel in Self.channels {
            let places = Self.masters.filter { subscribed[$0]?.contains(channel) == true }
            let due = wanted.contains(channel) ? [owners[HashSlot.of(channel)]!] : []
            if places != due { problem = "\(channel) is at \(places), not \(due)" }
        }
        if heard != wanted { problem = "heard \(heard), wanted \(wanted)" }
    }

    private mutating func give(_ slot: HashSlot, to master: Address, isCovered: Bool) {
        guard let owner = owners[slot], owner != master else { return }
        owners[slot] = master
        for channel in Self.channels where HashSlot.of(channel) == slot && subscribed[owner]?.remove(channel) != nil {
            if asked[owner]?.remove(channel) != nil {
                perform(homes.end(channel, at: owner, isCovered: isCovered))
            }
        }
    }

    private mutating func refresh() {
        let changed = owners.filter { map[$0.key] != $0.value || strays.contains($0.key) }
        (map, strays) = (owners, [])
        for (slot, home) in changed { perform(homes.adopt(home, of: slot)) }
    }

    private mutating func lose(_ master: Address) {
        (subscribed[master], sent[master]) = ([], (asked[master] ?? []).sorted().map(Command.subscribe))
        perform(homes.lose(at: master))
    }

    @discardableResult
    private mutating func answer(_ master: Address) -> Bool {
        guard let command = sent[master]?.first else { return false }
        sent[master]?.removeFirst()
        switch command {
        case .subscribe(let channel):
            // The connection was told meanwhile that nobody wants the channel.
            guard asked[master]?.contains(channel) == true else { break }
            if owners[HashSlot.of(channel)] == master {
                subscribed[master, default: []].insert(channel)
                perform(homes.confirm(channel, at: master))
            } else {
                asked[master]?.remove(channel)
                strays.insert(HashSlot.of(channel))
                perform(homes.turnAway(channel, at: master))
            }
        case .unsubscribe(let channel):
            if asked[master]?.contains(channel) != true { subscribed[master]?.remove(channel) }
        }
        return true
    }

    private mutating func perform(_ effects: [ShardHomes.Effect]) {
        for effect in effects {
            switch effect {
            case .subscribe(let channel, let master):
                if asked[master, default: []].insert(channel).inserted {
                    sent[master, default: []].append(.subscribe(channel))
                }
            case .unsubscribe(let channel, let master):
                if asked[master]?.remove(channel) != nil { sent[master, default: []].append(.unsubscribe(channel)) }
            case .tellHeard(let channel):
                if !heard.insert(channel).inserted { problem = "\(channel) was told twice" }
            case .tellLost(let channel):
                if heard.remove(channel) == nil { problem = "\(channel) was not heard" }
            case .tellChecked(let channel):
                if !heard.contains(channel) { problem = "\(channel) was not heard, and was told to be checked" }
            case .doubtMap: break
            }
        }
    }
}

/// SplitMix64: the same sequence for the same seed.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
