using System.Globalization;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;

namespace Gateway.Catalogue;

/// <summary>
/// Rows that price one model by quality and size, named <c>hd/1024-x-1792/dall-e-3</c> and <c>1024-x-1024/dall-e-2</c>: nobody calls a model by that name, so they are put together as
/// the prices of the model itself.
/// </summary>
internal static class ImageRows
{
    /// <summary>What a row says, when it is such a row.</summary>
    public static bool TryRead(RawPrice row, out string model, out ImagePriceEntry image)
    {
        (model, image) = ("", null!);
        var parts = row.Model.Split('/');
        var at = parts.Length == 3 ? 1 : 0;
        if (row.Mode != ModelMode.Image || parts.Length is not (2 or 3) || !TrySize(parts[at], out var pixels))
        {
            return false;
        }

        var quality = at == 0 ? ImageQuality.Unknown : Quality(parts[0]);
        var perImage = row.PerImage > 0 ? row.PerImage : row.PerPixelIn is > 0 and var perPixel ? NanoUsd.FromUsd(perPixel * pixels) : 0;
        if (perImage == 0 || (at == 1 && quality == ImageQuality.Unknown))
        {
            return false;
        }

        model = parts[^1];
        image = new ImagePriceEntry { Quality = quality, MaxPixels = pixels, PerImage = perImage };
        return true;
    }

    /// <summary>The quality of a name; <see cref="ImageQuality.Unknown"/> for any other.</summary>
    public static ImageQuality Quality(string name) => name switch
    {
        "standard" => ImageQuality.Standard,
        "hd" => ImageQuality.Hd,
        "low" => ImageQuality.Low,
        "medium" => ImageQuality.Medium,
        "high" => ImageQuality.High,
        _ => ImageQuality.Unknown,
    };

    private static bool TrySize(string text, out long pixels)
    {
        pixels = 0;
        var sides = text.Split("-x-");
        if (sides.Length != 2 || !int.TryParse(sides[0], CultureInfo.InvariantCulture, out var width) || !int.TryParse(sides[1], CultureInfo.InvariantCulture, out var height))
        {
            return false;
        }

        pixels = (long)width * height;
        return pixels > 0;
    }
}
