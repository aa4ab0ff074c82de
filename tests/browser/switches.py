"""How Chromium is started for tests: with every part that a patient's has, less what nobody sees and all wait for."""

_UNSEEN = (
    "SpareRendererForSitePerProcess",  # a process for each new browser, ready for a page that no test opens
    "WebUIOmniboxPopup",  # two pages that every window loads, should somebody type into its address bar
    "WebUIOmniboxAimPopup",
)
PLAYWRIGHTS = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
    "msForceBrowserSignIn",
    "msEdgeUpdateLaunchServicesPreferredVersion",
)
"""What Playwright leaves out by itself; of two such switches the browser hears the last, so that ours says it again."""

PATIENCE = 30_000
"""Milliseconds until what shall come is given up: on a machine that does much else, a first page takes many seconds."""

BY_ITSELF = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A whole browser that asks nobody else for anything; benchmarks start it so."""

QUIET = (
    *BY_ITSELF,
    f"--disable-features={','.join((*PLAYWRIGHTS, *_UNSEEN))}",
)
