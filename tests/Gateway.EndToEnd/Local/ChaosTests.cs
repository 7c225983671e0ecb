using Gateway.Chaos;

namespace Gateway.EndToEnd.Local;

/// <summary>The short form of what <c>benchmarks/chaos</c> shows at length.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Budgets_are_never_overspent_and_each_request_is_settled_once_whatever_is_killed()
    {
        var options = new ChaosOptions { Streams = 60, Length = TimeSpan.FromSeconds(30), Kills = 2, Tokens = 20, Rate = 12 };

        await using var log = new StringWriter();
        var report = await ChaosRun.RunAsync(options, log, TestContext.Current.CancellationToken);

        output.WriteLine(log.ToString());
        output.WriteLine(report.Text);
        Assert.True(report.Violations.Count == 0, report.Text);
        Assert.True(report.Requests > options.Streams, report.Text);
    }
}
