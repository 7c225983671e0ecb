using Gateway.Dialects.Chat;

namespace Gateway.Edge.Tools;

/// <summary>
/// Results of calls that were run in a turn which was handed back because another of its calls waits for approval. When the caller sends the turn again they are taken from here, so that nothing is done twice. Kept
/// for a while in this edge's memory, bounded.
/// </summary>
internal sealed class HandedBack(TimeProvider time)
{
    private const int MostResults = 2_000;
    private const long MostCharacters = 64L * 1024 * 1024;

    private static readonly TimeSpan _kept = TimeSpan.FromMinutes(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, ToolResultPart Result, long At)>> _results = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, ToolResultPart Result, long At)> _order = [];
    private long _characters;

    /// <summary>Keeps the result of a call.</summary>
    public void Keep(string keyId, ToolCallPart call, ToolResultPart result)
    {
        var key = KeyOf(keyId, call);
        lock (_gate)
        {
            Remove(key);
            _results[key] = _order.AddLast((key, result, time.GetTimestamp()));
            _characters += ToolResults.SizeOf(result);
            while (_order.First is { } oldest && (_order.Count > MostResults || _characters > MostCharacters || time.GetElapsedTime(oldest.Value.At) > _kept))
            {
                Remove(oldest.Value.Key);
            }
        }
    }

    /// <summary>The result of a call that was run before; null for none.</summary>
    public ToolResultPart? Find(string keyId, ToolCallPart call)
    {
        lock (_gate)
        {
            return _results.TryGetValue(KeyOf(keyId, call), out var node) && time.GetElapsedTime(node.Value.At) <= _kept ? node.Value.Result : null;
        }
    }

    private void Remove(string key)
    {
        if (_results.Remove(key, out var node))
        {
            _order.Remove(node);
            _characters -= ToolResults.SizeOf(node.Value.Result);
        }
    }

    private static string KeyOf(string keyId, ToolCallPart call) => $"{keyId}\n{call.Id}\n{call.Name}\n{call.Arguments.Length}\n{string.GetHashCode(call.Arguments, StringComparison.Ordinal)}";
}
