using Gateway.Chaos;

namespace Gateway.EndToEnd.Local;

/// <summary>The short form of what <c>benchmarks/chaos</c> shows at length.</summary>
public sealed class ChaosTests(PostgresServer postgres, ITestOutputHelper output)
{
    private static readonly ChaosOptions _short = new() { Streams = 60, Length = TimeSpan.FromSeconds(20), Kills = 2, Tokens = 20, Rate = 12 };

    [Fact]
    public Task Budgets_are_never_overspent_and_each_request_is_settled_once_whatever_is_killed() => HoldsAsync(_short);

    [Fact]
    public async Task The_same_on_Postgres() => await HoldsAsync(_short with { Postgres = await postgres.NewDatabaseAsync(TestContext.Current.CancellationToken) });

    private async Task HoldsAsync(ChaosOptions options)
    {
        await using var log = new StringWriter();
        var report = await ChaosRun.RunAsync(options, log, TestContext.Current.CancellationToken);

        output.WriteLine(log.ToString());
        output.WriteLine(report.Text);
        Assert.True(report.Violations.Count == 0, report.Text);
        Assert.True(report.Requests > options.Streams, report.Text);
    }
}
