using Gateway.Contracts.Health;
using Gateway.Edge.Journal;
using Gateway.Edge.Routing.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Edge.Tests.Routing;

public sealed class HealthExchangeTests
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Edges_hear_of_each_others_findings_and_forget_them_when_nobody_says_so_any_more()
    {
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration("http://127.0.0.1:9/v1"));
        var journal = edge.Services.GetRequiredService<UsageJournal>();
        var (first, second) = (new RoutingState(_time), new RoutingState(_time));
        using var nobody = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:9") };
        using var told = new HealthExchange(first, journal, nobody, _time, NullLogger<HealthExchange>.Instance);
        using var hears = new HealthExchange(second, journal, nobody, _time, NullLogger<HealthExchange>.Instance);

        first.Deployment("d").Failed("status 503", TimeSpan.FromSeconds(20), false);
        first.Credential("c", "secret").Retire("the provider answered 401");
        first.Credential("other", "secret").Cool(TimeSpan.FromSeconds(3));
        var report = told.Report("one");
        _ = (second.Deployment("d"), second.Credential("c", "secret"), second.Credential("other", "changed"));
        hears.Apply(new SharedHealth { Edges = [report] });

        Assert.Contains("resting on edge one: status 503", second.Deployment("d").Unavailable(out var until), StringComparison.Ordinal);
        Assert.Equal(_time.Now.AddSeconds(20), until);
        Assert.Contains("retired on edge one: the provider answered 401", second.Credential("c", "secret").Unavailable(out _), StringComparison.Ordinal);
        // The same id with another secret is another credential.
        Assert.Null(second.Credential("other", "changed").Unavailable(out _));
        Assert.Empty(hears.Report("two").Credentials);
        Assert.DoesNotContain(hears.Report("two").Deployments, static d => d.RestsUntil is not null);

        hears.Apply(new SharedHealth());
        Assert.Null(second.Deployment("d").Unavailable(out _));
        Assert.Null(second.Credential("c", "secret").Unavailable(out _));
    }

    [Fact]
    public async Task Without_governance_what_was_heard_ends_by_itself()
    {
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration("http://127.0.0.1:9/v1"));
        var state = new RoutingState(_time);
        using var nobody = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:9") };
        using var exchange = new HealthExchange(state, edge.Services.GetRequiredService<UsageJournal>(), nobody, _time, NullLogger<HealthExchange>.Instance);
        _ = state.Credential("c", "s");
        exchange.Apply(new SharedHealth
        {
            Edges = [new HealthReport { EdgeId = "one", Credentials = [new CredentialReport { Id = "c", Fingerprint = state.Credential("c", "s").Fingerprint, Retired = "x" }] }],
        });
        Assert.NotNull(await exchange.ExchangeAsync(TestContext.Current.CancellationToken));
        Assert.NotNull(state.Credential("c", "s").Unavailable(out _));
        _time.Now += TimeSpan.FromSeconds(61);
        Assert.Null(state.Credential("c", "s").Unavailable(out _));
    }
}
