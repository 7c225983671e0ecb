using System.Text;

namespace Gateway.Edge.StoredObjects;

/// <summary>What a request has to do with responses that providers keep: it makes one, continues one, or asks for one.</summary>
/// <param name="ids">Makes and reads the ids.</param>
/// <param name="tenant">Whose request it is.</param>
/// <param name="makes">True when the answer will be kept.</param>
internal sealed class StoredResponses(ObjectIds ids, string tenant, bool makes)
{
    /// <summary>The response the request continues or asks for; null when it is about none, or about one that nobody here knows.</summary>
    public ObjectRef? Earlier { get; init; }

    /// <summary>True when the request continues a response that is not known to be its tenant's.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>True when only who holds the earlier response can answer.</summary>
    public bool IsBound => Earlier is not null || IsUnknown;

    /// <summary>For answers of one deployment.</summary>
    public ResponseIds Of(string deploymentId) => new(ids, deploymentId, tenant, makes);

    /// <summary>Puts the caller's id in the place of the provider's where an error quotes it.</summary>
    public ReadOnlyMemory<byte> Hide(ReadOnlyMemory<byte> error)
    {
        if (Earlier is not { } earlier || error.Span.IndexOf(Encoding.UTF8.GetBytes(earlier.RawId)) < 0)
        {
            return error;
        }

        var text = Encoding.UTF8.GetString(error.Span);
        return Encoding.UTF8.GetBytes(text.Replace(earlier.RawId, ids.Wrap(ResponseIds.Prefix, earlier, tenant), StringComparison.Ordinal));
    }
}
