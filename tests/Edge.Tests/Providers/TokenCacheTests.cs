using Gateway.CloudAuth;

namespace Gateway.Edge.Tests.Providers;

public sealed class TokenCacheTests
{
    private readonly ManualTime _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private int _fetches;

    private CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_at_once_make_one_fetch()
    {
        var answer = new TaskCompletionSource<TokenResult<string>>();
        var cache = new TokenCache<string>(
            _ =>
            {
                Interlocked.Increment(ref _fetches);
                return answer.Task;
            },
            _time);
        var waiting = Enumerable.Range(0, 50).Select(_ => cache.GetAsync(Cancellation).AsTask()).ToList();

        answer.SetResult(Token("t", 3600));

        Assert.All(await Task.WhenAll(waiting), t => Assert.Equal("t", t));
        Assert.Equal(1, _fetches);
    }

    [Fact]
    public async Task A_token_near_its_end_serves_on_while_the_next_is_fetched()
    {
        var second = new TaskCompletionSource<TokenResult<string>>();
        var cache = new TokenCache<string>(_ => Interlocked.Increment(ref _fetches) == 1 ? Task.FromResult(Token("one", 3600)) : second.Task, _time);
        Assert.Equal("one", await cache.GetAsync(Cancellation));

        _time.Now += TimeSpan.FromMinutes(57);
        Assert.Equal("one", await cache.GetAsync(Cancellation));
        second.SetResult(Token("two", 3600));

        // The flight ends on a thread of its own.
        for (var token = "one"; token != "two"; token = await cache.GetAsync(Cancellation))
        {
            await Task.Yield();
        }

        Assert.Equal(2, _fetches);
    }

    [Fact]
    public async Task An_expired_token_is_not_used()
    {
        var cache = new TokenCache<string>(_ => Task.FromResult(Token($"t{++_fetches}", 3600)), _time);
        Assert.Equal("t1", await cache.GetAsync(Cancellation));

        _time.Now += TimeSpan.FromHours(2);

        Assert.Equal("t2", await cache.GetAsync(Cancellation));
    }

    [Fact]
    public async Task A_failure_is_told_and_not_repeated_for_every_request()
    {
        var cache = new TokenCache<string>(_ => Task.FromResult(Interlocked.Increment(ref _fetches) == 1 ? TokenResult<string>.Refused("no such client") : Token("t", 60)), _time);

        var first = await Assert.ThrowsAsync<ProviderAuthException>(async () => await cache.GetAsync(Cancellation));
        await Assert.ThrowsAsync<ProviderAuthException>(async () => await cache.GetAsync(Cancellation));

        Assert.Equal(("no such client", true, 1), (first.Message, first.CredentialFault, _fetches));
        _time.Now += TimeSpan.FromSeconds(4);
        Assert.Equal("t", await cache.GetAsync(Cancellation));
    }

    [Fact]
    public async Task A_failed_renewal_leaves_what_still_serves()
    {
        var cache = new TokenCache<string>(_ => Task.FromResult(Interlocked.Increment(ref _fetches) == 1 ? Token("one", 3600) : TokenResult<string>.Unavailable("down")), _time);
        Assert.Equal("one", await cache.GetAsync(Cancellation));
        _time.Now += TimeSpan.FromMinutes(58);

        Assert.Equal("one", await cache.GetAsync(Cancellation));
        await Eventually.TrueAsync(() => Volatile.Read(ref _fetches) == 2, "there was no renewal");
        Assert.Equal("one", await cache.GetAsync(Cancellation));
    }

    [Fact]
    public async Task Who_stops_waiting_does_not_stop_the_fetch()
    {
        var answer = new TaskCompletionSource<TokenResult<string>>();
        var cache = new TokenCache<string>(_ => answer.Task, _time);
        using var impatient = new CancellationTokenSource();
        var left = cache.GetAsync(impatient.Token).AsTask();
        var stays = cache.GetAsync(Cancellation).AsTask();

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        answer.SetResult(Token("t", 60));

        Assert.Equal("t", await stays);
    }

    [Fact]
    public async Task An_unreachable_source_is_no_fault_of_the_credential()
    {
        var cache = new TokenCache<string>(_ => throw new HttpRequestException("secret details"), _time);

        var failure = await Assert.ThrowsAsync<ProviderAuthException>(async () => await cache.GetAsync(Cancellation));

        Assert.False(failure.CredentialFault);
        Assert.DoesNotContain("secret details", failure.Message, StringComparison.Ordinal);
    }

    private TokenResult<string> Token(string value, int seconds) => TokenResult<string>.Of(value, _time.Now.AddSeconds(seconds));
}
