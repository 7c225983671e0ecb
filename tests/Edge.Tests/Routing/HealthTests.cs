using System.Net;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Routing.Calls;
using Gateway.Edge.Routing.Health;

namespace Gateway.Edge.Tests.Routing;

public sealed class HealthTests
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    private readonly RoutingState _state;

    public HealthTests() => _state = new RoutingState(_time);

    [Fact]
    public void Failures_in_a_row_rest_a_deployment_and_a_good_trial_ends_it()
    {
        var health = _state.Deployment("d");
        Fail(health, 2);
        Assert.Null(health.Unavailable(out _));
        Fail(health, 1);
        Assert.Contains("3 failures in a row", health.Unavailable(out var until), StringComparison.Ordinal);
        Assert.Equal(_time.Now.AddSeconds(5), until);
        Assert.True(health.IsLastResort);

        _time.Now += TimeSpan.FromSeconds(5);
        Assert.Null(health.Unavailable(out _));
        Assert.True(health.TryBegin(out var probe) && probe);
        Assert.Contains("being tried again", health.Unavailable(out _), StringComparison.Ordinal);
        health.Succeeded(10, streamed: true, probe);
        health.End(probe);
        Assert.Null(health.Unavailable(out _));
        Assert.Equal(0, health.InFlight);
    }

    [Fact]
    public void A_failed_trial_doubles_the_rest_up_to_the_bound()
    {
        var health = _state.Deployment("d");
        Fail(health, 3);
        foreach (var seconds in new[] { 10, 20, 40, 80, 160, 300, 300 })
        {
            health.Unavailable(out var until);
            _time.Now = until!.Value;
            Fail(health, 1);
            health.Unavailable(out until);
            Assert.Equal(_time.Now.AddSeconds(seconds), until);
        }
    }

    [Fact]
    public void Failures_that_others_interrupt_open_the_circuit_by_their_ratio_within_the_window()
    {
        var health = _state.Deployment("d");
        for (var i = 0; i < 9; i++)
        {
            Fail(health, 1);
            Succeed(health);
        }

        Assert.Null(health.Unavailable(out _));
        _time.Now += TimeSpan.FromSeconds(31);
        for (var i = 0; i < 9; i++)
        {
            Succeed(health);
            Fail(health, 1);
        }

        Assert.Null(health.Unavailable(out _));
        Succeed(health);
        Fail(health, 1);
        Assert.Contains("circuit open: 10 of 20", health.Unavailable(out var until), StringComparison.Ordinal);
        Assert.Equal(_time.Now.AddSeconds(15), until);
        Assert.False(health.IsLastResort);
        Assert.False(health.TryBegin(out _));
    }

    [Fact]
    public void A_half_open_circuit_lets_so_many_through_and_closes_after_as_many_successes()
    {
        _state.Settings = new HealthSettings { BreakerProbes = 2, BreakerMinimumCalls = 2, CooldownAfter = 1_000 };
        var health = _state.Deployment("d");
        Fail(health, 2);
        _time.Now += TimeSpan.FromSeconds(15);
        Assert.True(health.TryBegin(out var first) && health.TryBegin(out var second) && first && second);
        Assert.False(health.TryBegin(out _));
        health.Succeeded(1, false, true);
        health.End(true);
        Assert.True(health.TryBegin(out _));
        health.Succeeded(1, false, true);
        Assert.Null(health.Unavailable(out _));
    }

    [Fact]
    public void A_provider_that_asks_to_wait_is_left_alone_for_so_long_within_bounds()
    {
        var health = _state.Deployment("d");
        health.TryBegin(out var probe);
        health.Failed("status 503", TimeSpan.FromSeconds(42), probe);
        Assert.Contains("asked to wait", health.Unavailable(out var until), StringComparison.Ordinal);
        Assert.Equal(_time.Now.AddSeconds(42), until);
        health.Failed("status 503", TimeSpan.FromDays(9), probe);
        health.Unavailable(out until);
        Assert.Equal(_time.Now.AddMinutes(5), until);
    }

    [Fact]
    public void The_average_follows_recent_samples_and_is_forgotten_when_old()
    {
        var health = _state.Deployment("d");
        Assert.Null(health.FirstTokenMs);
        health.Succeeded(100, true, false);
        Assert.Equal(100, health.FirstTokenMs);
        health.Succeeded(200, true, false);
        Assert.Equal(120, health.FirstTokenMs!.Value, 3);
        for (var i = 0; i < 50; i++)
        {
            health.Succeeded(500, true, false);
        }

        Assert.InRange(health.FirstTokenMs!.Value, 499, 500);
        Assert.Equal(500, health.Percentile(90, true));
        _time.Now += TimeSpan.FromSeconds(61);
        Assert.Null(health.FirstTokenMs);
    }

    [Fact]
    public void A_retired_credential_comes_back_only_with_another_secret()
    {
        var credential = _state.Credential("c", "secret-1");
        credential.Retire("the provider answered 401");
        Assert.Contains("answered 401", _state.Credential("c", "secret-1").Unavailable(out var until), StringComparison.Ordinal);
        Assert.Null(until);
        Assert.Null(_state.Credential("c", "secret-2").Unavailable(out _));
        Assert.DoesNotContain("secret", credential.Fingerprint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("credential:c")]
    [InlineData("provider:p")]
    public void A_credential_that_is_saved_again_or_whose_provider_is_gets_another_chance(string saved)
    {
        var deployment = new DeploymentEntry { Id = "d", ProviderId = "p", CredentialId = "c", Model = "m" };
        var before = new GatewaySnapshot { Version = 1, Revisions = new Dictionary<string, long> { ["credential:c"] = 1, ["provider:p"] = 1 } };
        _state.Credential(before, deployment, "secret").Retire("the provider answered 401");
        Assert.NotNull(_state.Credential(before with { Version = 2 }, deployment, "secret").Retired);
        var after = before with { Version = 3, Revisions = new Dictionary<string, long>(before.Revisions) { [saved] = 3, ["provider:other"] = 3 } };
        Assert.Null(_state.Credential(after, deployment, "secret").Retired);
    }

    [Fact]
    public void A_cooling_credential_is_usable_again_at_its_reset()
    {
        var credential = _state.Credential("c", "s");
        credential.Cool(TimeSpan.FromSeconds(7));
        Assert.NotNull(credential.Unavailable(out var until));
        Assert.Equal(_time.Now.AddSeconds(7), until);
        _time.Now += TimeSpan.FromSeconds(7);
        Assert.Null(credential.Unavailable(out _));
    }

    [Fact]
    public void What_another_edge_says_counts_while_it_says_it_and_is_not_passed_on()
    {
        var health = _state.Deployment("d");
        health.Tell(new ToldRest(_time.Now.AddSeconds(5), "resting on edge b: x", true));
        Assert.Equal("resting on edge b: x", health.Unavailable(out _));
        Assert.Equal(default, health.RestsUntil.UtcTicks);
        Assert.True(health.TryBegin(out _));
        health.Tell(null);
        Assert.Null(health.Unavailable(out _));
    }

    [Theory]
    [InlineData("retry-after-ms: 1500", 1.5)]
    [InlineData("retry-after: 3", 3)]
    [InlineData("retry-after: Sat, 21 Nov 2026 12:00:09 GMT", 9)]
    [InlineData("x-ratelimit-reset-requests: 1m30s|x-ratelimit-remaining-requests: 0|x-ratelimit-reset-tokens: 6h|x-ratelimit-remaining-tokens: 5", 90)]
    [InlineData("x-ratelimit-reset-tokens: 120ms", 0.12)]
    [InlineData("anthropic-ratelimit-tokens-reset: 2026-11-21T12:00:20Z|anthropic-ratelimit-tokens-remaining: 0|anthropic-ratelimit-requests-reset: 2026-11-21T13:00:00Z|anthropic-ratelimit-requests-remaining: 9", 20)]
    [InlineData("x-ratelimit-reset: 1795262415", 15)]
    [InlineData("x-ratelimit-reset: soon", -1)]
    [InlineData("retry-after: -5", -1)]
    public void A_limits_reset_is_read_from_the_headers_providers_use(string headers, double seconds)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        foreach (var header in headers.Split('|'))
        {
            var parts = header.Split(": ", 2);
            response.Headers.TryAddWithoutValidation(parts[0], parts[1]);
        }

        Assert.Equal(seconds, ResetHeaders.Reset(response.Headers, _time.Now)?.TotalSeconds ?? -1, 3);
    }

    [Fact]
    public void Waits_before_retries_grow_have_jitter_and_honour_the_provider()
    {
        var retry = new RetryEntry { Count = 3, BaseMs = 100, MaxMs = 1_000 };
        Assert.Equal([50, 100, 200], Enumerable.Range(0, 3).Select(i => RetryPlan.Wait(retry, i, null, 0.5)!.Value.TotalMilliseconds));
        Assert.Null(RetryPlan.Wait(retry, 3, null, 0.5));
        Assert.Equal(900, RetryPlan.Wait(retry, 0, TimeSpan.FromMilliseconds(900), 0)!.Value.TotalMilliseconds);
        Assert.InRange(RetryPlan.Wait(retry, 0, TimeSpan.FromMilliseconds(900), 0.999)!.Value.TotalMilliseconds, 900, 1_000);
        Assert.Null(RetryPlan.Wait(retry, 0, TimeSpan.FromSeconds(2), 0));
    }

    private static void Fail(DeploymentHealth health, int times)
    {
        for (var i = 0; i < times; i++)
        {
            health.TryBegin(out var probe);
            health.Failed("status 500", null, probe);
            health.End(probe);
        }
    }

    private static void Succeed(DeploymentHealth health)
    {
        health.TryBegin(out var probe);
        health.Succeeded(10, false, probe);
        health.End(probe);
    }
}
