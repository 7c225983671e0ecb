namespace Gateway.CloudAuth;

/// <summary>
/// Keeps one fetched credential. Fetches are in one flight, whoever asks; a credential near its end is fetched anew while the old one still serves, so that
/// requests wait only for the first. After a failure the next try waits a little: a dead token endpoint is not asked once per request.
/// </summary>
/// <typeparam name="T">What the credential is.</typeparam>
/// <param name="fetch">Fetches it.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenCache<T>(Func<CancellationToken, Task<TokenResult<T>>> fetch, TimeProvider time)
    where T : class
{
    /// <summary>How long one fetch may take in all.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(20);

    /// <summary>How long a failure is repeated to those who ask.</summary>
    private static readonly TimeSpan _afterFailure = TimeSpan.FromSeconds(3);

    /// <summary>A credential with less than this left is not used: the provider's clock may differ.</summary>
    private static readonly TimeSpan _margin = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private volatile Held? _held;
    private Task<TokenResult<T>>? _flight;

    /// <summary>The credential.</summary>
    /// <exception cref="ProviderAuthException">It cannot be had.</exception>
    public ValueTask<T> GetAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_held is { } held)
        {
            if (held.Result.Value is { } value && now < held.Result.Expires - _margin)
            {
                if (now >= held.RefreshAt)
                {
                    Fly();
                }

                return new ValueTask<T>(value);
            }

            if (held.Result.Value is null && now < held.RefreshAt)
            {
                return ValueTask.FromException<T>(Failure(held.Result));
            }
        }

        return WaitAsync(Fly(), cancellationToken);
    }

    private static async ValueTask<T> WaitAsync(Task<TokenResult<T>> flight, CancellationToken cancellationToken)
    {
        var result = await flight.WaitAsync(cancellationToken).ConfigureAwait(false);
        return result.Value ?? throw Failure(result);
    }

    private static ProviderAuthException Failure(in TokenResult<T> result) => new(result.Problem, result.CredentialFault);

    private Task<TokenResult<T>> Fly()
    {
        lock (_gate)
        {
            return _flight is { IsCompleted: false } running ? running : _flight = FetchAsync();
        }
    }

    private async Task<TokenResult<T>> FetchAsync()
    {
        // Nothing of a fetch runs while the gate is held.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        TokenResult<T> result;
        using var limit = new CancellationTokenSource(_longest, time);
        try
        {
            result = await fetch(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            result = TokenResult<T>.Unavailable("the credential's source did not answer in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            result = TokenResult<T>.Unavailable("the credential's source could not be reached");
        }

        Keep(result);
        return result;
    }

    private void Keep(in TokenResult<T> result)
    {
        var now = time.GetUtcNow();
        if (result.Value is null)
        {
            // What still serves is kept over a failed renewal.
            var old = _held;
            _held = old?.Result.Value is not null && now < old.Result.Expires - _margin
                ? old with { RefreshAt = now + _afterFailure }
                : new Held(result, now + _afterFailure);
            return;
        }

        var left = result.Expires - now;
        // The last fifth of its life, but never more than five minutes ahead.
        var ahead = TimeSpan.FromTicks(Math.Min(left.Ticks / 5, TimeSpan.FromMinutes(5).Ticks)) + _margin;
        _held = new Held(result, result.Expires == DateTimeOffset.MaxValue ? DateTimeOffset.MaxValue : result.Expires - ahead);
    }

    private sealed record Held(TokenResult<T> Result, DateTimeOffset RefreshAt);
}
