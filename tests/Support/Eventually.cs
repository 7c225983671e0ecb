using System.Runtime.CompilerServices;

namespace Gateway.Testing;

/// <summary>Waits for what happens elsewhere and has no event to wait for, with one limit that is generous: the machine may be busy with something else.</summary>
internal static class Eventually
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks until the answer is yes.</summary>
    /// <param name="condition">What is to become so.</param>
    /// <param name="otherwise">What to say when it never does.</param>
    public static Task TrueAsync(Func<bool> condition, string otherwise) => TrueAsync(() => Task.FromResult(condition()), () => otherwise);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string)"/>
    public static Task TrueAsync(Func<Task<bool>> condition, string otherwise) => TrueAsync(condition, () => otherwise);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string)"/>
    public static Task TrueAsync(Func<bool> condition, Func<string>? otherwise = null, [CallerArgumentExpression(nameof(condition))] string asked = "") =>
        TrueAsync(() => Task.FromResult(condition()), otherwise, asked);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string>? otherwise = null, [CallerArgumentExpression(nameof(condition))] string asked = "")
    {
        for (var began = TimeProvider.System.GetTimestamp(); !await condition();)
        {
            if (TimeProvider.System.GetElapsedTime(began) > _patience)
            {
                Assert.Fail(otherwise?.Invoke() ?? $"It never came to this: {asked}");
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
