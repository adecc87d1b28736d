import { ref, withSetup } from 'vue';
import { useWebSocket } from '/fantail-vue.js';

const token = (window.token = ref(''));
const app = new window.Vue({
  data: { isShown: false },
  render(h) { return h('div', this.isShown ? [h(People)] : []); },
});
const People = withSetup({
  setup: () => (window.people = useWebSocket(token)),
  render(h) {
    const { isConnected, onlineCount, messages } = this.given;
    return h('div', [
      h('p', { attrs: { id: 'connected' } }, String(isConnected.value)),
      h('p', { attrs: { id: 'online' } }, String(onlineCount.value)),
      h('ul', messages.value.map((message) => h('li', message.type))),
    ]);
  },
});
app.$mount('#root');
window.show = (is) => { app.isShown = is; };
window.isReady = true;
