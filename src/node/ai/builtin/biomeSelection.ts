/**
 * Which of Biome's rules speak in a review: those of correctness, suspicious code and security, each by name, so that a new version of Biome
 * changes nothing unseen. Style, formatting and taste are off. A test holds both lists against the rules of the installed version.
 */

type Rules = Readonly<Record<string, readonly string[]>>;

/** By group. */
const ON: Rules = {
  correctness: names(`
    noConstAssign noConstantCondition noConstantMathMinMaxClamp noConstructorReturn noEmptyCharacterClassInRegex noEmptyPattern
    noGlobalObjectCalls noInvalidBuiltinInstantiation noInvalidConstructorSuper noInvalidDirectionInLinearGradient noInvalidGridAreas
    noInvalidPositionAtImportRule noInvalidUseBeforeDeclaration noMissingVarFunction noNonoctalDecimalEscape noPrecisionLoss
    noSelfAssign noSetterReturn noStringCaseMismatch noSwitchDeclarations noUnknownFunction noUnknownMediaFeatureName
    noUnknownProperty noUnknownPseudoClass noUnknownPseudoElement noUnknownTypeSelector noUnknownUnit noUnmatchableAnbSelector
    noUnreachable noUnreachableSuper noUnsafeFinally noUnsafeOptionalChaining noUnusedImports noUnusedInstantiation noUnusedLabels
    noUnusedPrivateClassMembers noUnusedVariables noVoidElementsWithChildren useIsNan useValidForDirection useValidTypeof useYield
  `),
  suspicious: names(`
    noApproximativeNumericConstant noAssignInExpressions noAsyncPromiseExecutor noCatchAssign noClassAssign noCommentText
    noCompareNegZero noConstantBinaryExpressions noDebugger noDeprecatedMediaType noDocumentCookie noDoubleEquals
    noDuplicateAtImportRules noDuplicateCase noDuplicateClassMembers noDuplicateCustomProperties noDuplicateDependencies
    noDuplicateElseIf noDuplicateEnumValues noDuplicateFontNames noDuplicateJsxProps noDuplicateObjectKeys noDuplicateParameters
    noDuplicateProperties noDuplicateSelectorsKeyframeBlock noDuplicateTestHooks noEmptyBlockStatements noExtraNonNullAssertion
    noFallthroughSwitchClause noFocusedTests noFunctionAssign noGlobalAssign noGlobalIsFinite noGlobalIsNan noImportAssign
    noImportantInKeyframe noIrregularWhitespace noLabelVar noMisleadingCharacterClass noMisleadingInstantiator
    noMisrefactoredShorthandAssign noNonNullAssertedOptionalChain noOctalEscape noProto noPrototypeBuiltins noRedeclare noSelfCompare
    noShadowRestrictedNames noShorthandPropertyOverrides noSparseArray noSuspiciousSemicolonInJsx noTemplateCurlyInString
    noThenProperty noTsIgnore noUnassignedVariables noUnsafeDeclarationMerging noUnsafeNegation noUselessRegexBackrefs noWith
    useGetterReturn useIsArray useIterableCallbackReturn
  `),
  security: names(`
    noBlankTarget noDangerouslySetInnerHtml noDangerouslySetInnerHtmlWithChildren noGlobalEval noScriptUrl
  `),
  // Not stable yet, and telling all the same.
  nursery: names('noImpliedEval noNegationInEqualityCheck noXorAsExponentiation'),
};

/** By group, and by the reason why: it… */
const LEFT_OUT: Readonly<Record<string, Rules>> = {
  correctness: {
    'belongs to a framework, and would need to know that the project uses it': names(`
      noBeforeInteractiveScriptOutsideDocument noChildrenProp noNestedComponentDefinitions noNextAsyncClientComponent
      noQwikUseVisibleTask noReactPropAssignments noRenderReturnValue noSolidDestructuredProps noVueDataObjectDeclaration
      noVueDuplicateKeys noVueReservedKeys noVueReservedProps noVueSetupPropsReactivityLoss noVueVIfWithVFor useExhaustiveDependencies
      useHookAtTopLevel useImageSize useInlineScriptId useJsxKeyInIterable useQwikClasslist useQwikMethodUsage
      useQwikValidLexicalScope useUniqueElementIds useVueVForKey useVueValidTemplateRoot useVueValidVBind useVueValidVCloak
      useVueValidVElse useVueValidVElseIf useVueValidVHtml useVueValidVIf useVueValidVOn useVueValidVOnce useVueValidVPre
      useVueValidVText
    `),
    'is about a language that is not read here (GraphQL, HTML)': names(`
      noDuplicateArgumentNames noDuplicateAttributes noDuplicateEnumValueNames noDuplicateInputFieldNames noDuplicateVariableNames
      useGraphqlNamedOperations useLoneAnonymousOperation
    `),
    'needs other files, types or settings of the project': names(`
      noGlobalDirnameFilename noNodejsModules noPrivateImports noProcessGlobal noRestrictedElements noUndeclaredDependencies
      noUndeclaredVariables noUnresolvedImports useImportExtensions useJsonImportAttributes
    `),
    'is a matter of style or taste': names('noInnerDeclarations noVoidTypeReturn useParseIntRadix useSingleJsDocAsterisk'),
    'is meant too often': names('noUnusedFunctionParameters'),
  },
  suspicious: {
    'is a matter of style or taste': names(`
      noAlert noBitwiseOperators noConfusingLabels noConfusingVoidType noConsole noConstEnum noEmptyBlock noEmptyInterface
      noEmptySource noEqualsToNull noEvolvingTypes noExplicitAny noForIn noImplicitAnyLet noNestedPromises noRedundantUseStrict
      noReturnAssign noShadow noUselessEscapeInString noVar useAdjacentOverloadSignatures useAwait useDefaultSwitchClauseLast
      useErrorMessage useGoogleFontDisplay useGuardForIn useNamespaceKeyword useNumberToFixedDigitsArgument useStaticResponseMethods
      useStrictMode
    `),
    'belongs to a framework, and would need to know that the project uses it': names(`
      noArrayIndexKey noDocumentImportInPage noDuplicatedSpreadProps noHeadImportInDocument noLeakedRender noReactForwardRef
      noReactSpecificProps noUndeclaredEnvVars noUnknownAttribute noVueArrowFuncInWatch
    `),
    "is about Biome's own configuration": names('noBiomeFirstException noQuickfixBiome useBiomeIgnoreFolder'),
    'is meant too often': names(`
      noControlCharactersInRegex noExportsInTest noMisplacedAssertion noParametersOnlyUsedInRecursion noSkippedTests noUnknownAtRules
      noUnusedExpressions
    `),
    'needs other files, types or settings of the project': names(
      'noDeprecatedImports noImportCycles noUnnecessaryConditions useArraySortCompare useRequiredScripts',
    ),
    'is about a language that is not read here (GraphQL, HTML)': names(
      'noDuplicateFields noDuplicateGraphqlOperationName useDeprecatedDate',
    ),
  },
  security: {
    'is what the secret scan is for': names('noSecrets'),
  },
};

export const BIOME_SELECTION = { on: ON, leftOut: LEFT_OUT };

export const BIOME_CONFIGURATION = {
  formatter: { enabled: false },
  assist: { enabled: false },
  // Bytes, and more than any file that is reviewed: Biome refuses larger ones than 1 MiB by itself.
  files: { maxSize: 16 * 1024 * 1024 },
  // Half of all .json files in a repository are read by tools that allow both.
  json: { parser: { allowComments: true, allowTrailingCommas: true } },
  css: { parser: { cssModules: true, tailwindDirectives: true } },
  linter: {
    enabled: true,
    rules: { recommended: false, ...Object.fromEntries(Object.entries(ON).map(([group, names]) => [group, levels(names)])) },
  },
};

function levels(names: readonly string[]): Record<string, unknown> {
  const all = Object.fromEntries(names.map((name): [string, unknown] => [name, 'on']));
  // What the callback of forEach returns is thrown away, whatever it is.
  if ('useIterableCallbackReturn' in all) all['useIterableCallbackReturn'] = { level: 'error', options: { checkForEach: false } };
  return all;
}

function names(text: string): string[] {
  return text.trim().split(/\s+/);
}
