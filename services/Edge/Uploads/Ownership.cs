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
    /// <param name="batch">What is asked for in a batch's input, or null for any other file.</param>
    /// <param name="name">Its name.</param>
    public string Mark(KeyRuntime key, BatchInput? batch, string name) => batch is not { } input
        ? $"{AnyFile}{Tag(key)}-{name}"
        : $"{BatchFile}{Tag(key)}-{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(input.Model))}.{input.Bound}.{name}";

    /// <summary>Reads a file's name at the provider.</summary>
    /// <returns>False when the file is not the tenant's.</returns>
    public bool TryRead(string tag, string marked, out string name, out BatchInput? input)
    {
        name = marked;
        input = null;
        var any = $"{AnyFile}{tag}-";
        if (marked.StartsWith(any, StringComparison.Ordinal))
        {
            name = marked[any.Length..];
            return true;
        }

        var batch = $"{BatchFile}{tag}-";
        if (!marked.StartsWith(batch, StringComparison.Ordinal) || marked[batch.Length..].Split('.', 3) is not [var model, var bound, var own] || !BatchBound.TryParse(bound, out var most))
        {
            return false;
        }

        try
        {
            input = new BatchInput(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(model)), most);
        }
        catch (FormatException)
        {
            return false;
        }

        name = own;
        return true;
    }

    /// <summary>The entry of the metadata of a batch: whose it is, who is billed, what was charged beforehand, and for which model.</summary>
    public string Entry(KeyRuntime key, in BatchHold hold, string model) => $"{Tag(key)}|{key.Id}|{hold}|{model}";

    /// <summary>Reads the entry.</summary>
    /// <returns>False when the batch is not the tenant's.</returns>
    public static bool TryReadEntry(string tag, string? entry, out BatchOwner batch)
    {
        batch = default;
        if (entry?.Split('|', 4) is not [var owner, var key, var charged, var named] || owner != tag || !BatchHold.TryParse(charged, out var hold))
        {
            return false;
        }

        batch = new BatchOwner(key, hold, named);
        return true;
    }
}

/// <summary>What the input of a batch asks for.</summary>
/// <param name="Model">The public model of all its requests.</param>
/// <param name="Bound">The most that they can use.</param>
internal readonly record struct BatchInput(string Model, BatchBound Bound);

/// <summary>Who is billed for a batch.</summary>
/// <param name="KeyId">The key that made it.</param>
/// <param name="Hold">What was charged to it then.</param>
/// <param name="Model">The public model.</param>
internal readonly record struct BatchOwner(string KeyId, BatchHold Hold, string Model);
