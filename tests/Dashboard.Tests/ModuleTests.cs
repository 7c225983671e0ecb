using System.Diagnostics;
using Gateway.EndToEnd.Hosting;

namespace Gateway.Dashboard.Tests;

/// <summary>The modules' types are right by what their comments say.</summary>
public sealed class ModuleTests
{
    [Fact]
    public async Task Modules_are_well_typed()
    {
        var compiler = Repository.PathOf("tests/Dashboard.Tests/browser/node_modules/typescript/bin/tsc");
        Assert.SkipWhen(!File.Exists(compiler) || Repository.OnPath("node") is null, "node or typescript is not installed: npm ci in tests/Dashboard.Tests/browser");
        using var check = Process.Start(new ProcessStartInfo(Repository.OnPath("node")!, [compiler, "-p", Repository.PathOf("services/Governance/Dashboard/Assets/jsconfig.json")]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await check.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await check.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(check.ExitCode == 0, said);
    }
}
