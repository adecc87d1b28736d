/// The table of ``EngineSessionTests``: under each state, each event with what the server does, in order, and how packets then
/// travel. A packet is posted in a request's body, or said over a WebSocket.
let engineSessionTable = """
    # polls
    a poll =>  | polls, a poll waits
    a poll, packets wait => answerPoll | polls
    the poll is gone =>  | polls
    the poll is answered =>  | polls
    a WebSocket opens => waitForUpgrade | pollsAndSilentWebSocket
    a WebSocket ends =>  | polls
    the upgrade takes too long =>  | polls
    a ping is due => ping | polls
    the node ends it => forget | ended
    the node ends it, packets wait => leave | lastPoll
    the node ends it for now => forget | ended
    posted 0 => forget, refuseRequest | ended
    posted 1 => forget | ended
    posted 2 => forget, refuseRequest | ended
    posted 2probe => forget, refuseRequest | ended
    posted 3 => waitForPing | polls
    posted 4m => deliver m | polls
    posted 5 => forget, refuseRequest | ended
    posted 6 =>  | polls
    posted bAQ== => refuseBinary | polls
    posted x => forget, refuseRequest | ended
    said 0 => dropWebSocket | polls
    said 1 => dropWebSocket | polls
    said 2 => dropWebSocket | polls
    said 2probe => dropWebSocket | polls
    said 3 => dropWebSocket | polls
    said 4m => dropWebSocket | polls
    said 5 => dropWebSocket | polls
    said 6 => dropWebSocket | polls
    said bAQ== => dropWebSocket | polls
    said x => dropWebSocket | polls
    # polls, one waits
    a poll => answerPollWithClose, forget, refuseRequest | ended
    a poll, packets wait => answerPollWithClose, forget, refuseRequest | ended
    the poll is gone => forget | ended
    the poll is answered =>  | polls
    a WebSocket opens => waitForUpgrade | pollsAndSilentWebSocket, a poll waits
    a WebSocket ends =>  | polls, a poll waits
    the upgrade takes too long =>  | polls, a poll waits
    a ping is due => ping | polls, a poll waits
    the node ends it => answerPollWithClose, forget | ended
    the node ends it, packets wait => answerPollWithClose, forget | ended
    the node ends it for now => refusePoll, forget | ended
    posted 0 => answerPollWithClose, forget, refuseRequest | ended
    posted 1 => answerPoll, forget | ended
    posted 2 => answerPollWithClose, forget, refuseRequest | ended
    posted 2probe => answerPollWithClose, forget, refuseRequest | ended
    posted 3 => waitForPing | polls, a poll waits
    posted 4m => deliver m | polls, a poll waits
    posted 5 => answerPollWithClose, forget, refuseRequest | ended
    posted 6 =>  | polls, a poll waits
    posted bAQ== => refuseBinary | polls, a poll waits
    posted x => answerPollWithClose, forget, refuseRequest | ended
    said 0 => dropWebSocket | polls, a poll waits
    said 1 => dropWebSocket | polls, a poll waits
    said 2 => dropWebSocket | polls, a poll waits
    said 2probe => dropWebSocket | polls, a poll waits
    said 3 => dropWebSocket | polls, a poll waits
    said 4m => dropWebSocket | polls, a poll waits
    said 5 => dropWebSocket | polls, a poll waits
    said 6 => dropWebSocket | polls, a poll waits
    said bAQ== => dropWebSocket | polls, a poll waits
    said x => dropWebSocket | polls, a poll waits
    # polls, a WebSocket is silent
    a poll =>  | pollsAndSilentWebSocket, a poll waits
    a poll, packets wait => answerPoll | pollsAndSilentWebSocket
    the poll is gone =>  | pollsAndSilentWebSocket
    the poll is answered =>  | pollsAndSilentWebSocket
    a WebSocket opens => dropWebSocket | pollsAndSilentWebSocket
    a WebSocket ends =>  | polls
    the upgrade takes too long => dropWebSocket | polls
    a ping is due => ping | pollsAndSilentWebSocket
    the node ends it => dropWebSocket, forget | ended
    the node ends it, packets wait => dropWebSocket, leave | lastPoll
    the node ends it for now => dropWebSocket, forget | ended
    posted 0 => dropWebSocket, forget, refuseRequest | ended
    posted 1 => dropWebSocket, forget | ended
    posted 2 => dropWebSocket, forget, refuseRequest | ended
    posted 2probe => dropWebSocket, forget, refuseRequest | ended
    posted 3 => waitForPing | pollsAndSilentWebSocket
    posted 4m => deliver m | pollsAndSilentWebSocket
    posted 5 => dropWebSocket, forget, refuseRequest | ended
    posted 6 =>  | pollsAndSilentWebSocket
    posted bAQ== => refuseBinary | pollsAndSilentWebSocket
    posted x => dropWebSocket, forget, refuseRequest | ended
    said 0 => dropWebSocket | polls
    said 1 => dropWebSocket | polls
    said 2 => dropWebSocket | polls
    said 2probe => answerProbe | moving
    said 3 => dropWebSocket | polls
    said 4m => dropWebSocket | polls
    said 5 => dropWebSocket | polls
    said 6 => dropWebSocket | polls
    said bAQ== => dropWebSocket | polls
    said x => dropWebSocket | polls
    # polls, one waits, a WebSocket is silent
    a poll => answerPollWithClose, dropWebSocket, forget, refuseRequest | ended
    a poll, packets wait => answerPollWithClose, dropWebSocket, forget, refuseRequest | ended
    the poll is gone => dropWebSocket, forget | ended
    the poll is answered =>  | pollsAndSilentWebSocket
    a WebSocket opens => dropWebSocket | pollsAndSilentWebSocket, a poll waits
    a WebSocket ends =>  | polls, a poll waits
    the upgrade takes too long => dropWebSocket | polls, a poll waits
    a ping is due => ping | pollsAndSilentWebSocket, a poll waits
    the node ends it => answerPollWithClose, dropWebSocket, forget | ended
    the node ends it, packets wait => answerPollWithClose, dropWebSocket, forget | ended
    the node ends it for now => refusePoll, dropWebSocket, forget | ended
    posted 0 => answerPollWithClose, dropWebSocket, forget, refuseRequest | ended
    posted 1 => answerPoll, dropWebSocket, forget | ended
    posted 2 => answerPollWithClose, dropWebSocket, forget, refuseRequest | ended
    posted 2probe => answerPollWithClose, dropWebSocket, forget, refuseRequest | ended
    posted 3 => waitForPing | pollsAndSilentWebSocket, a poll waits
    posted 4m => deliver m | pollsAndSilentWebSocket, a poll waits
    posted 5 => answerPollWithClose, dropWebSocket, forget, refuseRequest | ended
    posted 6 =>  | pollsAndSilentWebSocket, a poll waits
    posted bAQ== => refuseBinary | pollsAndSilentWebSocket, a poll waits
    posted x => answerPollWithClose, dropWebSocket, forget, refuseRequest | ended
    said 0 => dropWebSocket | polls, a poll waits
    said 1 => dropWebSocket | polls, a poll waits
    said 2 => dropWebSocket | polls, a poll waits
    said 2probe => answerProbe, answerPoll | moving
    said 3 => dropWebSocket | polls, a poll waits
    said 4m => dropWebSocket | polls, a poll waits
    said 5 => dropWebSocket | polls, a poll waits
    said 6 => dropWebSocket | polls, a poll waits
    said bAQ== => dropWebSocket | polls, a poll waits
    said x => dropWebSocket | polls, a poll waits
    # moving
    a poll => answerPoll | moving
    a poll, packets wait => answerPoll | moving
    the poll is gone =>  | moving
    the poll is answered =>  | moving
    a WebSocket opens => dropWebSocket | moving
    a WebSocket ends =>  | polls
    the upgrade takes too long => dropWebSocket | polls
    a ping is due => ping | moving
    the node ends it => dropWebSocket, forget | ended
    the node ends it, packets wait => dropWebSocket, leave | lastPoll
    the node ends it for now => dropWebSocket, forget | ended
    posted 0 => dropWebSocket, forget, refuseRequest | ended
    posted 1 => dropWebSocket, forget | ended
    posted 2 => dropWebSocket, forget, refuseRequest | ended
    posted 2probe => dropWebSocket, forget, refuseRequest | ended
    posted 3 => waitForPing | moving
    posted 4m => deliver m | moving
    posted 5 => dropWebSocket, forget, refuseRequest | ended
    posted 6 =>  | moving
    posted bAQ== => refuseBinary | moving
    posted x => dropWebSocket, forget, refuseRequest | ended
    said 0 => dropWebSocket | polls
    said 1 => dropWebSocket | polls
    said 2 => dropWebSocket | polls
    said 2probe => dropWebSocket | polls
    said 3 => dropWebSocket | polls
    said 4m => dropWebSocket | polls
    said 5 => moveToWebSocket | webSocket
    said 6 => dropWebSocket | polls
    said bAQ== => dropWebSocket | polls
    said x => dropWebSocket | polls
    # WebSocket
    a poll => refuseRequest | webSocket
    a poll, packets wait => refuseRequest | webSocket
    the poll is gone =>  | webSocket
    the poll is answered =>  | webSocket
    a WebSocket opens => dropWebSocket | webSocket
    a WebSocket ends => closeWebSocket, forget | ended
    the upgrade takes too long =>  | webSocket
    a ping is due => ping | webSocket
    the node ends it => closeWebSocket, forget | ended
    the node ends it, packets wait => closeWebSocket, forget | ended
    the node ends it for now => closeWebSocket, forget | ended
    posted 0 => refuseRequest | webSocket
    posted 1 => refuseRequest | webSocket
    posted 2 => refuseRequest | webSocket
    posted 2probe => refuseRequest | webSocket
    posted 3 => refuseRequest | webSocket
    posted 4m => refuseRequest | webSocket
    posted 5 => refuseRequest | webSocket
    posted 6 => refuseRequest | webSocket
    posted bAQ== => refuseRequest | webSocket
    posted x => refuseRequest | webSocket
    said 0 => closeWebSocket, forget | ended
    said 1 => closeWebSocket, forget | ended
    said 2 => closeWebSocket, forget | ended
    said 2probe => closeWebSocket, forget | ended
    said 3 => waitForPing | webSocket
    said 4m => deliver m | webSocket
    said 5 => closeWebSocket, forget | ended
    said 6 =>  | webSocket
    said bAQ== => refuseBinary | webSocket
    said x => closeWebSocket, forget | ended
    # last poll
    a poll => answerPoll | lastPoll
    a poll, packets wait => answerPoll | lastPoll
    the poll is gone =>  | lastPoll
    the poll is answered =>  | lastPoll
    a WebSocket opens => dropWebSocket | lastPoll
    a WebSocket ends =>  | lastPoll
    the upgrade takes too long =>  | lastPoll
    a ping is due =>  | lastPoll
    the node ends it => forget | ended
    the node ends it, packets wait => forget | ended
    the node ends it for now =>  | lastPoll
    posted 0 => refuseRequest | lastPoll
    posted 1 => refuseRequest | lastPoll
    posted 2 => refuseRequest | lastPoll
    posted 2probe => refuseRequest | lastPoll
    posted 3 => refuseRequest | lastPoll
    posted 4m => refuseRequest | lastPoll
    posted 5 => refuseRequest | lastPoll
    posted 6 => refuseRequest | lastPoll
    posted bAQ== => refuseRequest | lastPoll
    posted x => refuseRequest | lastPoll
    said 0 =>  | lastPoll
    said 1 =>  | lastPoll
    said 2 =>  | lastPoll
    said 2probe =>  | lastPoll
    said 3 =>  | lastPoll
    said 4m =>  | lastPoll
    said 5 =>  | lastPoll
    said 6 =>  | lastPoll
    said bAQ== =>  | lastPoll
    said x =>  | lastPoll
    # ended
    a poll => refuseRequest | ended
    a poll, packets wait => refuseRequest | ended
    the poll is gone =>  | ended
    the poll is answered =>  | ended
    a WebSocket opens => dropWebSocket | ended
    a WebSocket ends =>  | ended
    the upgrade takes too long =>  | ended
    a ping is due =>  | ended
    the node ends it =>  | ended
    the node ends it, packets wait =>  | ended
    the node ends it for now =>  | ended
    posted 0 => refuseRequest | ended
    posted 1 => refuseRequest | ended
    posted 2 => refuseRequest | ended
    posted 2probe => refuseRequest | ended
    posted 3 => refuseRequest | ended
    posted 4m => refuseRequest | ended
    posted 5 => refuseRequest | ended
    posted 6 => refuseRequest | ended
    posted bAQ== => refuseRequest | ended
    posted x => refuseRequest | ended
    said 0 =>  | ended
    said 1 =>  | ended
    said 2 =>  | ended
    said 2probe =>  | ended
    said 3 =>  | ended
    said 4m =>  | ended
    said 5 =>  | ended
    said 6 =>  | ended
    said bAQ== =>  | ended
    said x =>  | ended
    """
