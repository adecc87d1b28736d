import { ref, withSetup } from 'vue';
import { useTaskProgress, useWebSocket } from '/fantail-vue.js';

const token = (window.token = ref(''));
const app = new window.Vue({
  data: { isShown: false, isTaskShown: false },
  render(h) { return h('div', [this.isShown && h(People), this.isTaskShown && h(Task)]); },
});
const videoId = (window.videoId = ref(''));
const Task = withSetup({
  setup: () => (window.task = useTaskProgress(videoId, token)),
  render(h) {
    const { progress, status, videoUrl } = this.given;
    return h('p', { attrs: { id: 'task' } }, `${progress.value} ${status.value} ${videoUrl.value}`);
  },
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
window.showTask = (is) => { app.isTaskShown = is; };
window.isReady = true;
