import { createRouter, createWebHashHistory, type Router } from 'vue-router';
import CounterScreen from '../stations/counter/CounterScreen.vue';

/** One path per place of work. Hash mode, because the shells serve files and know no paths. */
export function createStations(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/counter', component: CounterScreen },
      {
        path: '/admin',
        component: () => import('../stations/admin/AdminScreen.vue'),
        redirect: '/admin/readers',
        children: [
          { path: 'readers', component: () => import('../stations/admin/ReaderPage.vue') },
          { path: 'printers', component: () => import('../stations/admin/PrinterPage.vue') },
          { path: 'sync', component: () => import('../stations/sync/SyncPage.vue') },
          { path: 'conflicts', component: () => import('../stations/sync/ConflictPage.vue') },
        ],
      },
      // Other places of work get their path here, each fetched when it is opened.
      { path: '/:rest(.*)*', redirect: '/counter' },
    ],
  });
}
