// Debian has Vue 2.6. These are Vue 3's words for what its components do too, as far as the composable needs them.
const { Vue } = window;
let component = null;

export const ref = (value) => Vue.observable({ value });
export const shallowRef = (value) => {
  const held = Vue.observable({ version: 0 });
  return {
    get value() { return held.version >= 0 && value; },
    set value(next) { value = next; held.version += 1; },
  };
};
export const onMounted = (then) => component.$on('hook:mounted', then);
export const onUnmounted = (then) => component.$on('hook:destroyed', then);
export const watch = (source, then) => component.$watch(typeof source === 'function' ? source : () => source.value, then);
/** Calls a component's `setup` where Vue 3 would. */
export const withSetup = (options) => ({
  ...options,
  data() {
    component = this;
    this.given = options.setup();
    component = null;
    return {};
  },
});
