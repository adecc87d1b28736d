let channelStateTable = ""
