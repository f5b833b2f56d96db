import tseslint from 'typescript-eslint';
import vue from 'eslint-plugin-vue';

/**
 * The walls between the rooms, as lint rules. The table itself is in `tests/architecture/walls.test.ts`;
 * here each room names what it must not import, with the sentence a newcomer needs.
 */
const wall = (files, groups) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      { patterns: groups.map(([group, message]) => ({ group: [group].flat(), message })) },
    ],
  },
});

const noElectron = [
  ['electron', 'electron/*'],
  "Only electron/main, electron/preload and electron/adapters/electron may import 'electron'.",
];
const noNode = [
  ['node:*', 'fs', 'path', 'crypto', 'child_process', 'os', 'net'],
  'This room runs where there is no Node.',
];
const noNative = [
  ['node-hid', 'ws', 'serialport', 'usb', 'koffi'],
  'Native and transport packages belong to electron/adapters.',
];
const noWindow = [['**/renderer/**'], 'The window is not a library.'];
const noShellCode = [['**/electron/**'], 'This room knows nothing of the shells.'];
const noServer = [['**/server/**'], 'The server is another program.'];
const noUi = [['vue', 'vue-*', 'pinia', 'element-plus', 'dexie'], 'UI packages belong to the renderer.'];

export default tseslint.config(
  { ignores: ['out/**', 'dist/**', 'node_modules/**', 'tests/.artifacts/**'] },
  ...tseslint.configs.strictTypeChecked,
  ...vue.configs['flat/strongly-recommended'],
  {
    languageOptions: {
      parserOptions: {
        project: [
          './shared/tsconfig.json',
          './electron/tsconfig.json',
          './server/tsconfig.json',
          './renderer/tsconfig.json',
          './tests/tsconfig.json',
        ],
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'vue/multi-word-component-names': 'error',
      'vue/no-v-html': 'error',
      // Prettier lays the template out.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-indent': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-closing-bracket-newline': 'off',
    },
  },
  { files: ['**/*.{js,mjs}'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['tests/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // A fake keeps the promise its port makes, whether or not it has anything to wait for.
      '@typescript-eslint/require-await': 'off',
    },
  },
  wall(
    ['shared/domain/**/*.ts'],
    [
      noElectron,
      noNode,
      noNative,
      noUi,
      noWindow,
      noShellCode,
      noServer,
      [['**/contract/**', '**/sync/**', 'zod'], 'shared/domain imports only itself.'],
    ],
  ),
  wall(
    ['shared/contract/**/*.ts', 'shared/sync/**/*.ts'],
    [noElectron, noNode, noNative, noUi, noWindow, noShellCode, noServer],
  ),
  wall(
    ['electron/core/**/*.ts'],
    [
      noElectron,
      noNative,
      noUi,
      noWindow,
      noServer,
      [
        ['**/adapters/**', '**/main/**', '**/preload/**', '**/standalone/**'],
        'The core knows ports, not adapters or shells.',
      ],
    ],
  ),
  wall(
    [
      'electron/adapters/node/**/*.ts',
      'electron/adapters/device-host/**/*.ts',
      'electron/adapters/photo-host/**/*.ts',
    ],
    [noElectron, noUi, noWindow, noServer],
  ),
  wall(
    ['electron/adapters/electron/**/*.ts', 'electron/main/**/*.ts'],
    [noUi, noWindow, noServer, [['**/standalone/**'], 'One shell does not import the other.']],
  ),
  wall(
    ['electron/preload/**/*.ts'],
    [
      noNode,
      noNative,
      noUi,
      noWindow,
      noServer,
      [
        ['**/core/**', '**/adapters/**', '**/main/**', '**/standalone/**'],
        'The preload imports electron and shared/contract/names only.',
      ],
    ],
  ),
  wall(
    ['electron/standalone/**/*.ts'],
    [
      noElectron,
      noUi,
      noWindow,
      noServer,
      [['**/main/**', '**/preload/**', '**/adapters/electron/**'], 'One shell does not import the other.'],
    ],
  ),
  wall(
    ['renderer/src/**/*.{ts,vue}'],
    [
      noElectron,
      noNode,
      noNative,
      noShellCode,
      noServer,
      [['dexie'], 'Only renderer/src/db may import dexie.'],
    ],
  ),
  wall(['renderer/src/db/**/*.ts'], [noElectron, noNode, noNative, noShellCode, noServer]),
  wall(['server/**/*.ts'], [noElectron, noNative, noUi, noWindow, noShellCode]),
);
