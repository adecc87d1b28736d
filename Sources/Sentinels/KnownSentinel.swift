package import RESP

/// The state of one Sentinel.
package struct KnownSentinel {
    package typealias Address = RedisEndpoint.Address

    private enum Standing {
        case connecting
        case asked
        case says(Address)
        case nameless
        case failed(RedisFailure)
    }

    package let address: Address
    /// Whether the URL names this Sentinel.
    let isNamed: Bool
    /// The Sentinel's id among Sentinels; nil until the Sentinel has sent it.
    var id: String?
    private var standing = Standing.connecting
    /// Questions under way: only the answer to the last question counts.
    private var questions = 0
    /// The Sentinel's last answer.
    private var last: Address?
    /// The number of the Sentinel's last change of mind; 0 where it never changed its answer.
    private(set) var change = 0

    init(address: Address, isNamed: Bool = false, id: String? = nil) {
        self.address = address
        self.isNamed = isNamed
        self.id = id
    }

    /// Whether the Sentinel has answered or failed.
    var isSettled: Bool {
        switch standing {
        case .connecting, .asked: false
        case .says, .nameless, .failed: true
        }
    }

    /// The master's address in the answer to the last question.
    package var says: Address? { if case .says(let address) = standing { address } else { nil } }
    /// Whether the Sentinel knows no master of the name.
    var isNameless: Bool { if case .nameless = standing { true } else { false } }
    /// Why the loop cannot ask the Sentinel.
    var failure: RedisFailure? { if case .failed(let failure) = standing { failure } else { nil } }

    /// The Sentinel is reachable, and the loop asks it.
    mutating func reach() {
        standing = .asked
        questions = 1
    }

    /// Marks a reachable Sentinel as asked; false where the loop cannot ask it.
    mutating func ask() -> Bool {
        switch standing {
        case .connecting, .failed: return false
        case .asked, .says, .nameless:
            standing = .asked
            questions += 1
            return true
        }
    }

    /// The Sentinel has answered a question.
    mutating func hear(_ master: Address?, change number: Int) {
        guard case .asked = standing else { return }
        questions -= 1
        guard questions == 0 else { return }
        guard let master else { return standing = .nameless }
        standing = .says(master)
        if let last, last != master { change = number }
        last = master
    }

    /// The loop cannot ask the Sentinel.
    mutating func fail(_ failure: RedisFailure) {
        standing = .failed(failure)
        questions = 0
    }

    /// The state in words.
    package var words: String {
        switch standing {
        case .connecting, .asked: "no answer yet"
        case .says(let address): "says \(address)"
        case .nameless: "knows no master of this name"
        case .failed(let failure): "\(failure)"
        }
    }
}
