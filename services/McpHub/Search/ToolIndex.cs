using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace Gateway.McpHub.Search;

/// <summary>
/// What is known of tools for searching, kept by fingerprint: a tool that did not change is never looked at twice, whoever asks. Meanings are worked out one batch at a time off the threads that serve, and
/// until they are there words alone decide.
/// </summary>
internal sealed partial class ToolIndex(IEmbeddingGenerator<string, Embedding<float>>? model, ILogger<ToolIndex> log) : IDisposable
{
    /// <summary>Most tools that are kept; beyond them all are let go and worked out anew when they are asked for.</summary>
    public const int Most = 20_000;

    private const int Batch = 16;

    private readonly ConcurrentDictionary<string, IndexedTool> tools = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly CancellationTokenSource stop = new();
    private volatile bool isBroken;

    /// <summary>Tools that are kept.</summary>
    public int Count => tools.Count;

    /// <summary>The tools as they are searched, and a task that ends when all of their meanings are worked out.</summary>
    public (IReadOnlyList<IndexedTool> Tools, Task Known) Of(IReadOnlyList<SearchTool> wanted)
    {
        if (tools.Count + wanted.Count > Most)
        {
            tools.Clear();
        }

        var indexed = new IndexedTool[wanted.Count];
        var isWhole = true;
        for (var i = 0; i < indexed.Length; i++)
        {
            indexed[i] = tools.GetOrAdd(wanted[i].Fingerprint, static (_, tool) => new IndexedTool(tool), wanted[i]);
            isWhole &= indexed[i].Vector is not null;
        }

        return (indexed, isWhole || model is null || isBroken ? Task.CompletedTask : Task.Run(() => LearnAsync(indexed), stop.Token));
    }

    /// <summary>The meanings of texts; null when there is no model to tell them.</summary>
    public async ValueTask<IReadOnlyList<float[]>?> MeaningsAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        if (model is null || isBroken)
        {
            return null;
        }

        try
        {
            // The model works on the thread that asks it, which is not to be one that serves.
            var made = await Task.Run(() => model.GenerateAsync(texts, null, cancellationToken), cancellationToken).ConfigureAwait(false);
            return [.. made.Select(static e => e.Vector.ToArray())];
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Broken(e);
            return null;
        }
    }

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
    }

    private async Task LearnAsync(IndexedTool[] indexed)
    {
        await turn.WaitAsync(stop.Token).ConfigureAwait(false);
        try
        {
            foreach (var batch in indexed.Where(static t => t.Vector is null).DistinctBy(static t => t.Fingerprint).Chunk(Batch))
            {
                var made = await model!.GenerateAsync(batch.Select(static t => t.Meaning), null, stop.Token).ConfigureAwait(false);
                for (var i = 0; i < batch.Length; i++)
                {
                    batch[i].Vector = made[i].Vector.ToArray();
                }
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Broken(e);
        }
        finally
        {
            turn.Release();
        }
    }

    private void Broken(Exception e)
    {
        isBroken = true;
        NoModel(e);
    }

    [LoggerMessage(1, LogLevel.Error, "The embedding model cannot be read: tools are found by their words alone")]
    private partial void NoModel(Exception exception);
}
