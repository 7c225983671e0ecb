using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Gateway.Edge.Accounts;
using Gateway.Edge.StoredObjects;

namespace Gateway.Edge.Uploads;

/// <summary>
/// Whose an object is, told by the object itself: by how a file's name begins and by an entry of a batch's metadata. So lists need no store, and every edge with the same secret
/// gives the same ones. Callers cannot write either: both are put before or beside whatever they send.
/// </summary>
internal sealed class Ownership(ObjectIds ids)
{
    /// <summary>The entry of a batch's metadata.</summary>
    public const string MetadataKey = "gw_owner";

    private const string AnyFile = "gw-";
    private const string BatchFile = "gwb-";
    private const int TagBytes = 9;

    /// <summary>A short secret name of the tenant.</summary>
    public string Tag(KeyRuntime key)
    {
        var id = ids.Wrap("owner_", new ObjectRef("owner", "owner"), ObjectIds.Tenant(key));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, TagBytes));
    }

    /// <summary>A file's name at the provider.</summary>
    /// <param name="key">Whose it is.</param>
    /// <param name="model">The public model of a batch's input, or null for any other file.</param>
    /// <param name="name">Its name.</param>
    public string Mark(KeyRuntime key, string? model, string name) => model is null
        ? $"{AnyFile}{Tag(key)}-{name}"
        : $"{BatchFile}{Tag(key)}-{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(model))}.{name}";

    /// <summary>Reads a file's name at the provider.</summary>
    /// <returns>False when the file is not the tenant's.</returns>
    public bool TryRead(string tag, string marked, out string name, out string? model)
    {
        name = marked;
        model = null;
        var any = $"{AnyFile}{tag}-";
        if (marked.StartsWith(any, StringComparison.Ordinal))
        {
            name = marked[any.Length..];
            return true;
        }

        var batch = $"{BatchFile}{tag}-";
        if (!marked.StartsWith(batch, StringComparison.Ordinal) || marked.IndexOf('.', StringComparison.Ordinal) is not (> 0 and var dot))
        {
            return false;
        }

        try
        {
            model = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(marked.AsSpan(batch.Length, dot - batch.Length)));
        }
        catch (FormatException)
        {
            return false;
        }

        name = marked[(dot + 1)..];
        return true;
    }

    /// <summary>The entry of the metadata of a batch: whose it is, who is billed, and for which model.</summary>
    public string Entry(KeyRuntime key, string model) => $"{Tag(key)}|{key.Id}|{model}";

    /// <summary>Reads the entry.</summary>
    /// <returns>False when the batch is not the tenant's.</returns>
    public static bool TryReadEntry(string tag, string? entry, out string keyId, out string model)
    {
        keyId = "";
        model = "";
        if (entry?.Split('|', 3) is not [var owner, var key, var named] || owner != tag)
        {
            return false;
        }

        (keyId, model) = (key, named);
        return true;
    }
}
