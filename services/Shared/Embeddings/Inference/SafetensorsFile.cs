using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Gateway.Embeddings.Inference;

/// <summary>Reads named tensors of a safetensors file: an 8-byte little-endian header length, a JSON header, then the data.</summary>
internal sealed class SafetensorsFile : IDisposable
{
    private const int LongestHeader = 1 << 20;

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly long _dataStart;
    private readonly JsonDocument _header;

    private SafetensorsFile(string path, FileStream stream, JsonDocument header, long dataStart)
    {
        _path = path;
        _stream = stream;
        _header = header;
        _dataStart = dataStart;
    }

    public static SafetensorsFile Open(string path)
    {
        ModelFiles.Require(path);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        try
        {
            Span<byte> prefix = stackalloc byte[sizeof(ulong)];
            stream.ReadExactly(prefix);
            var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
            if (length > LongestHeader)
            {
                throw Damaged(path, $"its header claims {length} bytes");
            }

            var header = new byte[(int)length];
            stream.ReadExactly(header);
            return new SafetensorsFile(path, stream, JsonDocument.Parse(header), stream.Position);
        }
        catch (Exception exception) when (exception is EndOfStreamException or JsonException)
        {
            stream.Dispose();
            throw Damaged(path, "its header cannot be read");
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads a float32 vector of exactly <paramref name="length"/> values.</summary>
    public float[] Vector(string name, int length)
    {
        var values = new float[length];
        Read(name, "F32", [length], MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>Reads an int8 matrix of exactly this shape, row by row.</summary>
    public sbyte[] Matrix(string name, int rows, int columns)
    {
        var values = new sbyte[rows * columns];
        Matrix(name, rows, columns, values);
        return values;
    }

    /// <summary>Reads an int8 matrix of exactly this shape into memory of exactly its size.</summary>
    public void Matrix(string name, int rows, int columns, Span<sbyte> values) =>
        Read(name, "I8", [rows, columns], MemoryMarshal.AsBytes(values));

    public void Dispose()
    {
        _header.Dispose();
        _stream.Dispose();
    }

    private void Read(string name, string type, ReadOnlySpan<int> shape, Span<byte> destination)
    {
        try
        {
            var tensor = _header.RootElement.GetProperty(name);
            var offsets = tensor.GetProperty("data_offsets");
            var start = offsets[0].GetInt64();
            if (tensor.GetProperty("dtype").GetString() != type
                || !shape.SequenceEqual([.. tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())])
                || start < 0
                || offsets[1].GetInt64() - start != destination.Length)
            {
                throw Damaged(_path, $"tensor '{name}' is not {type} of shape [{string.Join(", ", shape.ToArray())}]");
            }

            _stream.Position = _dataStart + start;
            _stream.ReadExactly(destination);
        }
        catch (EndOfStreamException)
        {
            throw Damaged(_path, $"it ends within tensor '{name}'");
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw Damaged(_path, $"its header does not describe tensor '{name}'");
        }
    }

    private static InvalidDataException Damaged(string path, string reason) =>
        new($"The embedding model's weights '{path}' are damaged or of another model: {reason}. Restore the file from the release.");
}
