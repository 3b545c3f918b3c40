// Uploads an object with minio-go, which sends it in signed chunks over HTTP.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

func main() {
	size, err := strconv.Atoi(os.Getenv("SIZE"))
	check(err)
	isChecked := os.Getenv("CHECKSUM") != ""
	client, err := minio.New(os.Getenv("HOST"), &minio.Options{
		Creds:           credentials.NewStaticV4(os.Getenv("ACCESS_KEY"), os.Getenv("SECRET_KEY"), ""),
		Region:          os.Getenv("REGION"),
		BucketLookup:    minio.BucketLookupPath,
		TrailingHeaders: isChecked,
		MaxRetries:      1,
	})
	check(err)
	options := minio.PutObjectOptions{ContentType: "text/x-go", DisableMultipart: true}
	if isChecked {
		options.Checksum = minio.ChecksumCRC32C
	}
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(i * 7)
	}
	_, err = client.PutObject(
		context.Background(), os.Getenv("BUCKET"), os.Getenv("KEY"), bytes.NewReader(body), int64(size), options)
	check(err)
	fmt.Println("stored")
}

func check(err error) {
	if err == nil {
		return
	}
	fmt.Println(minio.ToErrorResponse(err).Code)
	os.Exit(1)
}
