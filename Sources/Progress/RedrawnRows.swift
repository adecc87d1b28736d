/// Which line tells of the whole, where a program redraws several with the cursor going up: the topmost, as in nested
/// bars. A value that follows the cursor of one stream.
struct RedrawnRows<Found: Sendable>: Sendable {
    /// Lines in a row without the cursor going up, after which the program no longer redraws several: more than a
    /// screen has.
    private static var patience: Int { 60 }

    /// The cursor's row, from where it was first.
    private var row = 0
    /// The row to which the cursor last went up; nil while the program does not redraw several.
    private var top: Int?
    private var linesSinceUp = 0
    /// Whether that row has told of something since.
    private var hasTopTold = false
    /// The newest reading at a row above all that came after it; nil where it was already passed on.
    private var last: (row: Int, found: Found?)?

    /// Takes a line that ends so, with its reading, if any; returns the reading that counts now.
    mutating func take(_ found: Found?, _ end: LineCutter.End) -> Found? {
        switch end {
        case .up(let count): return goUp(count, found)
        case .down(let count):
            defer { row &+= count }
            return stay(found)
        case .placed:
            // Drawn by rows of the screen, not from one to the next.
            defer { top = nil }
            return stay(found)
        case .elsewhere: return stay(found)
        }
    }

    /// The stream has ended: the reading that was held back, if any.
    mutating func finish() -> Found? {
        defer { last = nil }
        return last?.found
    }

    private mutating func stay(_ found: Found?) -> Found? {
        linesSinceUp += 1
        guard let top, linesSinceUp <= Self.patience else {
            self.top = nil
            let held = last?.found
            if found != nil || held != nil { last = (row, nil) }
            return found ?? held
        }
        guard let found else { return nil }
        if row <= top {
            hasTopTold = true
            last = (row, nil)
            return found
        }
        // Whether this is a row below or the new topmost one is known when the cursor next goes up.
        if hasTopTold { return nil }
        if let last, last.found != nil, last.row < row { return nil }
        last = (row, found)
        return nil
    }

    private mutating func goUp(_ count: Int, _ found: Found?) -> Found? {
        row &-= count
        top = row
        linesSinceUp = 0
        hasTopTold = false
        defer { if let last, last.row > row { self.last = nil } }
        guard let last, last.row <= row else {
            // No row above has told of anything.
            return found
        }
        self.last = (last.row, nil)
        return last.found
    }
}
