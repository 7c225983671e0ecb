using System.Buffers.Text;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Edge.StoredObjects;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Edge.Tests.StoredObjects;

/// <summary>Ids of stored objects: they come back to their tenant as they went out, and nothing else is taken for one.</summary>
public sealed class ObjectIdsTests
{
    private const string Prefix = "resp_";

    private static readonly ObjectIds _ids = new(ObjectIdKey.Derive("a token"));

    [Fact]
    public void What_was_wrapped_comes_back_to_its_tenant_alone() => Prop.ForAll(
        ArbMap.Default.ArbFor<string?>(), ArbMap.Default.ArbFor<string?>(), ArbMap.Default.ArbFor<string?>(), static (holder, raw, tenant) => ComesBack(holder, raw, tenant)).QuickCheckThrowOnFailure();

    private static bool ComesBack(string? holder, string? raw, string? tenant)
    {
        var reference = new ObjectRef(holder ?? "", raw ?? "");
        if (!ObjectIds.Fits(reference))
        {
            return true;
        }

        tenant ??= "";
        var id = _ids.Wrap(Prefix, reference, tenant);
        return _ids.TryUnwrap(id, Prefix, tenant, out var back) && back == reference
            && !_ids.TryUnwrap(id, Prefix, tenant + "x", out _)
            && !_ids.TryUnwrap("file-" + id[Prefix.Length..], "file-", tenant, out _)
            && !new ObjectIds(ObjectIdKey.Derive("another token")).TryUnwrap(id, Prefix, tenant, out _);
    }

    [Fact]
    public void Garbage_is_refused() => Prop.ForAll(
        ArbMap.Default.ArbFor<string?>(), ArbMap.Default.ArbFor<byte[]?>(), static (garbage, bytes) => IsRefused(garbage, bytes)).QuickCheckThrowOnFailure();

    private static bool IsRefused(string? garbage, byte[]? bytes) =>
        !_ids.TryUnwrap(garbage, Prefix, "t", out _)
        && !_ids.TryUnwrap(Prefix + "gw" + garbage, Prefix, "t", out _)
        && !_ids.TryUnwrap(Prefix + "gw" + Base64Url.EncodeToString([1, .. bytes ?? []]), Prefix, "t", out _);

    [Fact]
    public void No_other_text_stands_for_the_same_object()
    {
        var id = _ids.Wrap(Prefix, new ObjectRef("openai", "resp_0123456789"), "team:a");
        for (var i = 0; i < id.Length; i++)
        {
            foreach (var other in "Aa0-_= \n")
            {
                var changed = id[..i] + other + id[(i + 1)..];
                Assert.True(changed == id || !_ids.TryUnwrap(changed, Prefix, "team:a", out _), changed);
                Assert.False(_ids.TryUnwrap(id.Insert(i, other.ToString()), Prefix, "team:a", out _));
            }

            Assert.False(_ids.TryUnwrap(id.AsSpan(0, i), Prefix, "team:a", out _));
        }

        Assert.False(_ids.TryUnwrap(id + "=", Prefix, "team:a", out _));
        Assert.False(_ids.TryUnwrap(Prefix + "gw" + new string('A', 1_000_000), Prefix, "team:a", out _));
    }

    [Fact]
    public void Lengths_are_bounded()
    {
        Assert.True(ObjectIds.Fits(new ObjectRef(new string('h', ObjectIds.MaxHolderBytes), new string('r', ObjectIds.MaxRawBytes))));
        Assert.False(ObjectIds.Fits(new ObjectRef(new string('h', ObjectIds.MaxHolderBytes + 1), "r")));
        Assert.False(ObjectIds.Fits(new ObjectRef("h", new string('r', ObjectIds.MaxRawBytes + 1))));
        Assert.False(ObjectIds.Fits(new ObjectRef("h", "")));
        Assert.False(ObjectIds.Fits(new ObjectRef("h", "\ud800")));
        var longest = new ObjectRef(new string('h', ObjectIds.MaxHolderBytes), new string('r', ObjectIds.MaxRawBytes));
        Assert.True(_ids.TryUnwrap(_ids.Wrap(Prefix, longest, "t"), Prefix, "t", out var back));
        Assert.Equal(longest, back);
    }

    [Fact]
    public void The_key_of_an_edge_alone_stays_and_is_for_its_owner_only()
    {
        var folder = Directory.CreateTempSubdirectory("object-ids-").FullName;
        try
        {
            var key = ObjectIdKey.Load(Path.Combine(folder, "edge"), NullLogger.Instance);
            Assert.Equal(key, ObjectIdKey.Load(Path.Combine(folder, "edge"), NullLogger.Instance));
            var file = Assert.Single(Directory.GetFiles(Path.Combine(folder, "edge")));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
