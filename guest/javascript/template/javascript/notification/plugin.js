/** What the host hands notifications to: a method for each priority that it wants. */
export const notificationEndpoint = {
  filterRule: { eventType: 'compute\\.instance\\.' },

  info({ payload }) {
    console.log('there is news of', payload.id);
  },
};
