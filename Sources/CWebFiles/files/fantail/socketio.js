
// ---- Socket.IO: gives SocketIOSocket. Needs no other part. ----------------------------------------------------

/**
 * A WebSocket of Socket.IO 5 (Engine.IO 4), for a connection that takes it for a bare WebSocket: an event's one argument is the
 * message. It never polls and asks for no acknowledgements.
 */
class SocketIOSocket {
  #socket; #isConnected = false;

  constructor(url, WebSocket) {
    this.#socket = new WebSocket(url);
    this.#socket.onmessage = ({ data }) => this.#take(data);
    this.#socket.onclose = (event) => this.onclose?.(event);
    this.#socket.onerror = (event) => this.onerror?.(event);
  }

  /** Open only once the namespace is connected: before that the node takes no event. */
  get readyState() { return this.#isConnected ? this.#socket.readyState : 0; }

  send(text) { this.#socket.send(`42[${JSON.stringify(JSON.parse(text).type)},${text}]`); }
  close(code) { this.#socket.close(code); }

  #take(packet) {
    if (packet[0] === '0') this.#socket.send('40'); // opened: connect to the namespace
    else if (packet === '2') this.#socket.send('3'); // a ping
    else if (packet.startsWith('40')) {
      this.#isConnected = true;
      this.onopen?.({});
    } else if (packet.startsWith('42')) this.onmessage?.({ data: JSON.stringify(JSON.parse(packet.slice(2))[1]) });
  }
}
