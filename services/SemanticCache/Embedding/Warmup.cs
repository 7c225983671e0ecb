using Gateway.Embeddings;

namespace Gateway.SemanticCache.Embedding;

/// <summary>
/// Embeds a few texts after the start, until it goes as fast as it is going to. As long as its code is compiled only hastily a text takes longer than a look-up may wait; and who gets no
/// answer in time asks less and less, so that look-ups alone would leave it like that for minutes.
/// </summary>
internal static class Warmup
{
    private const int TextsPerRound = 8;
    private const int MostRounds = 12;

    private static readonly TimeSpan _fast = TimeSpan.FromMilliseconds(8);
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(5);

    /// <summary>Warms the built-in model up, between the texts of others.</summary>
    public static async Task RunAsync(MiniLmEmbeddingGenerator model, WorkQueue queue, TimeProvider time, CancellationToken cancellationToken)
    {
        var vector = new float[MiniLmEmbeddingGenerator.Dimensions];
        var began = time.GetTimestamp();
        for (var round = 0; round < MostRounds && time.GetElapsedTime(began) < _longest; round++)
        {
            var spent = TimeSpan.Zero;
            for (var i = 0; i < TextsPerRound; i++)
            {
                var text = $"How do I change the address of account number {round} to the one of department {i}?";
                var (isDone, took) = await queue.RunAsync(
                    () =>
                    {
                        var start = time.GetTimestamp();
                        model.Embed(text, vector, cancellationToken);
                        return time.GetElapsedTime(start);
                    },
                    cancellationToken);
                if (!isDone)
                {
                    // There is work enough to do that by itself.
                    return;
                }

                spent += took;
            }

            if (spent < _fast * TextsPerRound)
            {
                return;
            }
        }
    }
}
