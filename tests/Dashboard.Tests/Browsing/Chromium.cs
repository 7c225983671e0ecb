using Gateway.EndToEnd.Hosting;
using Microsoft.Playwright;

namespace Gateway.Dashboard.Tests.Browsing;

/// <summary>The browser of the machine.</summary>
internal static class Chromium
{
    private static readonly string[] _arguments =
        ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    /// <summary>Where it is; null where there is none.</summary>
    public static string? Path { get; } = Repository.OnPath("chromium") ?? Repository.OnPath("chromium-browser") ?? Repository.OnPath("google-chrome");

    /// <summary>Where artefacts go: ignored by git, kept by CI.</summary>
    public static string Artefacts { get; } = Repository.PathOf("tests/Dashboard.Tests/artifacts");

    /// <summary>The accessibility checker; null where its package was not installed (<c>npm ci</c> in <c>tests/Dashboard.Tests/browser</c>).</summary>
    public static string? Axe
    {
        get
        {
            var file = Repository.PathOf("tests/Dashboard.Tests/browser/node_modules/axe-core/axe.min.js");
            return File.Exists(file) ? File.ReadAllText(file) : null;
        }
    }

    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Path, Args = _arguments });
}
